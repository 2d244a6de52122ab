import { needsNetworkPolicy, needsPrivatePorts, type Requirement } from "./requirement.ts";

/** Network policies, exposed ports and the interactive terminal. */
export const NETWORK = [
  {
    id: "NET-001",
    source: "live compat",
    behaviour: "allow-all and deny-all round-trip through updateNetworkPolicy.",
  },
  {
    id: "NET-002",
    source: "reference 1.2",
    behaviour: "A list of domains reads back with its domains.",
  },
  {
    id: "NET-003",
    source: "reference 1.2",
    behaviour: "Subnets that are allowed or denied read back.",
  },
  {
    id: "NET-004",
    source: "reference 2.8",
    behaviour: "Injected headers read back by name, their values never.",
  },
  { id: "NET-005", source: "reference 2.8", behaviour: "Forward rules read back with their URL." },
  { id: "NET-006", source: "reference 2.8", behaviour: "A rule's match reads back." },
  {
    id: "NET-007",
    source: "reference 2.8",
    behaviour: "A rule that answers directly is taken, and the answer stays valid for the SDK.",
  },
  { id: "NET-008", source: "reference 3.3", behaviour: "A sandbox always tells a policy." },
  {
    id: "NET-009",
    source: "reference 2.3",
    behaviour: "Session.update sets the policy of the running session.",
  },
  {
    id: "NET-010",
    source: "reference 2.8",
    behaviour: "A policy that makes no sense is refused and changes nothing.",
  },
  {
    id: "NET-011",
    source: "reference 2.8",
    ...needsNetworkPolicy,
    behaviour: "deny-all keeps commands from connecting to anything.",
  },
  {
    id: "PRT-001",
    source: "live sandbox.test",
    behaviour: "A server on two exposed ports answers at domain() of each.",
  },
  {
    id: "PRT-002",
    source: "design 2",
    behaviour: "A server that listens on PORT answers at domain().",
  },
  {
    id: "PRT-003",
    source: "reference 2.2",
    behaviour: "domain() of a port that is not exposed throws: No route for port N.",
  },
  {
    id: "PRT-004",
    source: "reference 3.4",
    behaviour: "With nothing behind it, a port answers 502 with a page that says so.",
  },
  {
    id: "PRT-005",
    source: "design 2",
    behaviour: "A port's URL stays the same after stop and resume.",
  },
  { id: "PRT-006", source: "reference 3.4", behaviour: "WebSockets pass." },
  {
    id: "PRT-007",
    source: "reference 7",
    ...needsPrivatePorts,
    behaviour: "Two sandboxes may both listen on the same port.",
  },
  { id: "PRT-008", source: "reference 3.4", behaviour: "A response is streamed, not gathered." },
  { id: "PRT-009", source: "design 2", behaviour: "Ports of a deleted sandbox are closed." },
  {
    id: "PRT-010",
    source: "design 2",
    behaviour: "An upload of megabytes through a port arrives as it was sent.",
  },
  {
    id: "INT-001",
    source: "live compat",
    behaviour: "openInteractive gives a WebSocket URL and a token.",
  },
  {
    id: "INT-002",
    source: "reference 3.5",
    behaviour:
      "The URL takes the token as its query and runs the command of the start frame on a terminal.",
  },
  {
    id: "INT-003",
    source: "reference 3.5",
    behaviour: "Binary frames are the terminal's input and output.",
  },
  {
    id: "INT-004",
    source: "reference 3.5",
    behaviour: "The terminal has the size of the start frame, and of a resize.",
  },
  {
    id: "INT-005",
    source: "reference 3.5",
    behaviour: "At the end a text frame tells the exit code, then the socket closes.",
  },
  { id: "INT-006", source: "reference 3.5", behaviour: "A wrong token is refused." },
  { id: "INT-007", source: "reference 3.5", behaviour: "The start frame's variables are set." },
  {
    id: "INT-008",
    source: "issue: the face",
    behaviour: "A terminal that is left behind ends its command.",
  },
] as const satisfies readonly Requirement[];
