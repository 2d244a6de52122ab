import type { Requirement } from "./requirement.ts";

/** Programs as they are: errors, serialised objects, dialects, ways in, the vendor's CLI. */
export const PROGRAMS = [
  {
    id: "ERR-001",
    source: "reference 2.9",
    behaviour: "An API error is the vendor's APIError with response, message, json and text.",
  },
  {
    id: "ERR-002",
    source: "reference 2.9",
    behaviour: "An abort in the middle of a stream rejects with the signal's reason.",
  },
  {
    id: "ERR-003",
    source: "reference 1.5",
    behaviour: "A stream that cannot go on ends as a StreamError with a code.",
  },
  {
    id: "ERR-004",
    source: "reference 3.1",
    behaviour: "Credentials of any value are accepted, from the parameters or made up.",
  },
  {
    id: "SER-001",
    source: "reference 2.9",
    behaviour: "A sandbox that was serialised and read back works.",
  },
  {
    id: "SER-002",
    source: "reference 2.9",
    behaviour: "A command that was serialised and read back has its logs.",
  },
  {
    id: "SER-003",
    source: "reference 2.9",
    behaviour: "A snapshot and a drive that were serialised and read back tell the same.",
  },
  {
    id: "DIA-001",
    source: "design 2",
    behaviour: "In the 0.x dialect a sandbox is found by sandboxId, and commands know theirs.",
  },
  {
    id: "DIA-002",
    source: "design 2",
    behaviour: "The deep import of APIError gives the class that is thrown.",
  },
  {
    id: "WAY-001",
    source: "design 2",
    behaviour: "A 3.x program runs unchanged under the preload.",
  },
  {
    id: "WAY-002",
    source: "design 2",
    behaviour: "A 3.x program runs unchanged with the package aliased.",
  },
  {
    id: "WAY-003",
    source: "design 2",
    behaviour: "A 3.x program runs unchanged under vitest's alias.",
  },
  { id: "WAY-004", source: "design 2", behaviour: "A 3.x program runs with its import changed." },
  {
    id: "WAY-005",
    source: "design 2",
    behaviour: "A 0.0.17 program runs unchanged under the preload.",
  },
  {
    id: "WAY-006",
    source: "design 2",
    behaviour: "A 0.0.17 program runs unchanged with the package aliased.",
  },
  {
    id: "WAY-007",
    source: "design 2",
    behaviour: "A 0.0.17 program runs unchanged under vitest's alias.",
  },
  {
    id: "WAY-008",
    source: "design 2",
    behaviour: "A 0.0.17 program runs with its import changed.",
  },
  {
    id: "WAY-009",
    source: "reference 3.2",
    behaviour: "The preload serves CommonJS programs too.",
  },
  {
    id: "WAY-010",
    source: "issue: the client",
    behaviour: "The preload lets no sandbox call reach another host.",
  },
  {
    id: "CLI-001",
    source: "reference 3.3",
    behaviour: "The vendor's CLI creates, and prints the URLs of exposed ports.",
  },
  { id: "CLI-002", source: "reference 3.3", behaviour: "The vendor's CLI lists." },
  {
    id: "CLI-003",
    source: "reference 3.3",
    behaviour: "The vendor's CLI runs commands, and exits as they did.",
  },
  {
    id: "CLI-004",
    source: "reference 3.3",
    behaviour: "The vendor's CLI runs a command interactively through a terminal.",
  },
  {
    id: "CLI-005",
    source: "reference 3.3",
    behaviour: "The vendor's CLI copies files in and out.",
  },
  {
    id: "CLI-006",
    source: "reference 3.3",
    behaviour: "The vendor's CLI runs one command in a sandbox of its own and removes it.",
  },
  { id: "CLI-007", source: "reference 3.3, 3.5", behaviour: "The vendor's CLI connects a shell." },
  {
    id: "CLI-008",
    source: "reference 3.6",
    behaviour: "The vendor's CLI makes a snapshot and shows the tree.",
  },
  {
    id: "CLI-009",
    source: "reference 3.3",
    behaviour: "The vendor's CLI lists and changes a sandbox's settings.",
  },
  { id: "CLI-010", source: "reference 3.3", behaviour: "The vendor's CLI stops and removes." },
  {
    id: "CLI-011",
    source: "reference 3.3",
    behaviour: "The vendor's CLI says what is wrong with an unknown name.",
  },
  {
    id: "CLI-012",
    source: "reference 3.3",
    behaviour: "The vendor's CLI kills a command over its time limit: 137.",
  },
] as const satisfies readonly Requirement[];
