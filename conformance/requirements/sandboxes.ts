import type { Requirement } from "./requirement.ts";

/** Sandboxes: made, found, changed, copied, deleted. */
export const SANDBOXES = [
  {
    id: "SBX-001",
    source: "reference 2.1",
    behaviour: "Sandbox.create() gives a running sandbox with a name of its own.",
  },
  {
    id: "SBX-002",
    source: "reference 1.3",
    behaviour: "A name that is asked for is the sandbox's name.",
  },
  { id: "SBX-003", source: "reference 1.3", behaviour: "When create answers, commands are taken." },
  {
    id: "SBX-004",
    source: "reference 5.1",
    behaviour:
      "Without settings: 5 minutes, 2 processors, region iad1, persistent, every network allowed.",
  },
  {
    id: "SBX-005",
    source: "reference 1.2 | live sandbox.test",
    behaviour: "Memory is 2048 MB for each processor.",
  },
  {
    id: "SBX-006",
    source: "reference 5.1",
    behaviour: "Processors are 1 or an even number; else 400.",
  },
  {
    id: "SBX-007",
    source: "reference 1.3",
    behaviour: "A name that is taken is refused, and the one that has it is untouched.",
  },
  {
    id: "SBX-008",
    source: "issue: the face",
    behaviour: "A name that cannot be a path segment is a 400.",
  },
  {
    id: "SBX-009",
    source: "reference 1.3",
    behaviour: "More than 15 ports are a 400 that says so in the vendor's words.",
  },
  { id: "SBX-010", source: "reference 2.1", behaviour: "Each exposed port has a route." },
  {
    id: "SBX-011",
    source: "reference 2.1",
    behaviour: "The sandbox's variables are set in every command.",
  },
  {
    id: "SBX-012",
    source: "reference 2.1 | live fork.test",
    behaviour: "Tags are kept and read back.",
  },
  { id: "SBX-013", source: "reference 5.1", behaviour: "More than 5 tags are a 400." },
  {
    id: "SBX-014",
    source: "reference 2.1",
    behaviour: "A runtime together with an image is a TypeError before any request.",
  },
  {
    id: "SBX-015",
    source: "reference 2.2",
    behaviour:
      "A runtime, an image, a region and failover regions read back as they were asked for.",
  },
  {
    id: "SBX-016",
    source: "reference 1.3",
    behaviour: "Failover regions that hold the region itself are a 400.",
  },
  { id: "SBX-017", source: "reference 1.3", behaviour: "A source snapshot's files are there." },
  {
    id: "SBX-018",
    source: "reference 1.3 | mock compat",
    behaviour: "A source snapshot that is gone is a 410 with code snapshot_not_found.",
  },
  {
    id: "SBX-019",
    source: "reference 1.3",
    behaviour:
      "A git source is cloned into a directory named after the repository, below the working directory.",
  },
  {
    id: "SBX-020",
    source: "reference 1.3",
    behaviour: "A git source takes a revision: a branch, a tag or a commit.",
  },
  { id: "SBX-021", source: "reference 1.3", behaviour: "A git source takes a depth." },
  { id: "SBX-022", source: "reference 1.3", behaviour: "A tarball source is unpacked." },
  {
    id: "SBX-023",
    source: "issue: the engine",
    behaviour: "A sandbox that could not be made leaves nothing behind, its name is free.",
  },
  {
    id: "SBX-024",
    source: "reference 2.1",
    behaviour: "`await using` stops the sandbox at the end of the block.",
  },
  { id: "SBX-025", source: "reference 2.1", behaviour: "onResume is not called by create." },
  {
    id: "SBX-026",
    source: "reference 1.3",
    behaviour: "Get finds a sandbox by its name, with its session and routes.",
  },
  { id: "SBX-027", source: "reference 1.3", behaviour: "Get without resume starts nothing." },
  {
    id: "SBX-028",
    source: "reference 2.1 | live sandbox.test",
    behaviour: "Get with resume starts a session and awaits onResume.",
  },
  {
    id: "SBX-029",
    source: "reference 2.1",
    behaviour: "Get with resume of a running sandbox starts nothing and calls nobody.",
  },
  { id: "SBX-030", source: "reference 1.3 | live compat", behaviour: "An unknown name is a 404." },
  {
    id: "SBX-031",
    source: "reference 2.1",
    behaviour: "getOrCreate without a name always makes a new one and calls onCreate.",
  },
  {
    id: "SBX-032",
    source: "reference 2.1 | live compat",
    behaviour: "getOrCreate with a name makes it once and calls onCreate once.",
  },
  {
    id: "SBX-033",
    source: "reference 1.8 | live sandbox.test",
    behaviour: "getOrCreate deletes and remakes a sandbox whose snapshot is gone.",
  },
  {
    id: "SBX-034",
    source: "issue: faults",
    behaviour: "Many callers of getOrCreate on one name get one and the same sandbox.",
  },
  {
    id: "SBX-035",
    source: "reference 1.3 | live sandbox.test",
    behaviour: "The list has the newest first, stopped ones included.",
  },
  {
    id: "SBX-036",
    source: "reference 2.1 | live sandbox.test",
    behaviour: "The list is read page by page: a limit, a cursor, nothing twice, nothing left out.",
  },
  {
    id: "SBX-037",
    source: "reference 2.1 | live sandbox.test",
    behaviour: "The list is iterated by item and by page, and turned into an array.",
  },
  {
    id: "SBX-038",
    source: "reference 1.3",
    behaviour: "The list is sorted by name in either order and filtered by a prefix of it.",
  },
  {
    id: "SBX-039",
    source: "reference 1.3",
    behaviour: "A prefix without sorting by name is a 400.",
  },
  {
    id: "SBX-040",
    source: "reference 1.3 | live compat",
    behaviour: "The list is filtered by one tag.",
  },
  {
    id: "SBX-041",
    source: "reference 2.1",
    behaviour: "Two tags in a filter are refused before any request.",
  },
  {
    id: "SBX-042",
    source: "reference 1.3",
    behaviour: "The list is sorted by when the status changed.",
  },
  { id: "SBX-043", source: "reference 1.9", behaviour: "The list is filtered by status." },
  {
    id: "SBX-044",
    source: "reference 2.2 | live sandbox.test",
    behaviour: "Changed processors, timeout and persistence read back, with memory to match.",
  },
  {
    id: "SBX-045",
    source: "reference 1.3",
    behaviour: "Changed ports replace the old ones at once and refresh the routes.",
  },
  {
    id: "SBX-046",
    source: "reference 2.2",
    behaviour: "A longer timeout extends the running session by the difference.",
  },
  {
    id: "SBX-047",
    source: "reference 2.2",
    behaviour: "A changed network policy also reaches the running session.",
  },
  {
    id: "SBX-048",
    source: "reference 2.2",
    behaviour: "Changed tags, snapshot expiry and retention read back; null clears a retention.",
  },
  {
    id: "SBX-049",
    source: "reference 1.3",
    behaviour: "Changed processors hold from the next session on.",
  },
  {
    id: "SBX-050",
    source: "reference 1.3",
    behaviour: "A current snapshot that is set is where the next session starts.",
  },
  {
    id: "SBX-051",
    source: "reference 1.3 | live sandbox.test",
    behaviour: "Delete stops the session; afterwards the sandbox is a 404.",
  },
  {
    id: "SBX-052",
    source: "reference 1.3",
    behaviour:
      "Delete with deleteOrphanSnapshots deletes the snapshots that nobody else starts from.",
  },
  {
    id: "SBX-053",
    source: "reference 1.3",
    behaviour: "Delete without it keeps the snapshots usable.",
  },
  {
    id: "SBX-054",
    source: "reference 1.3",
    behaviour: "A deleted sandbox's name can be taken again, by a sandbox without the old files.",
  },
  {
    id: "SBX-055",
    source: "reference 1.3 | live fork.test",
    behaviour: "A fork has the source's settings and the files of its current snapshot.",
  },
  {
    id: "SBX-056",
    source: "reference 1.3 | live fork.test",
    behaviour: "Whatever a fork is given replaces the copied setting as a whole.",
  },
  {
    id: "SBX-057",
    source: "live fork.test",
    behaviour: "A fork's session names the source's current snapshot as its own source.",
  },
  { id: "SBX-058", source: "reference 1.3", behaviour: "A fork of an unknown sandbox is a 404." },
  { id: "SBX-059", source: "live compat", behaviour: "A fork and its source do not share files." },
  {
    id: "SBX-060",
    source: "reference 1.3",
    behaviour: "A fork of a sandbox without a snapshot starts from the base environment.",
  },
  {
    id: "SBX-061",
    source: "live compat",
    behaviour: "A fork keeps bytes, modes and symbolic links.",
  },
  {
    id: "SBX-062",
    source: "reference 2.2",
    behaviour: "expiresAt is the session's start plus its timeout, and there while it runs.",
  },
  {
    id: "SBX-063",
    source: "reference 1.2 | live sandbox.test",
    behaviour: "Retention without deleteEvicted reads back with it, as true.",
  },
  {
    id: "SBX-064",
    source: "reference 2.2",
    behaviour: "A network id reads back, and null clears it.",
  },
  {
    id: "SBX-065",
    source: "reference 1.2",
    behaviour:
      "The status of a sandbox is running, stopping or stopped; statusUpdatedAt moves with it.",
  },
  {
    id: "SBX-066",
    source: "reference 2.2",
    behaviour: "Totals of time and CPU are there after a stop and grow by each session.",
  },
] as const satisfies readonly Requirement[];
