import type { Requirement } from "./requirement.ts";

/** One engine behind the clients of three vendors. */
export const CROSS_FACE = [
  {
    id: "XF-001",
    source: "one engine, several faces",
    behaviour: "A sandbox made through one face is listed and found through each of the others.",
  },
  {
    id: "XF-002",
    source: "one engine, several faces",
    behaviour: "Its files are read and written through each face, and are the same.",
  },
  {
    id: "XF-003",
    source: "one engine, several faces",
    behaviour:
      "Its commands are run through each face, in the sandbox's own directory by its own user.",
  },
  {
    id: "XF-004",
    source: "one engine, several faces",
    behaviour: "A port of it is reached through each face.",
  },
  {
    id: "XF-005",
    source: "one engine, several faces",
    behaviour: "It is ended through each face, and whoever made it sees that.",
  },
  {
    id: "XF-006",
    source: "one engine, several faces",
    behaviour:
      "What a face has no word for is kept while others change the sandbox; labels, metadata and tags are one thing.",
  },
] as const satisfies readonly Requirement[];
