import type { Requirement } from "../requirements/requirement.ts";

/** Daytona's API and toolbox, as its unmodified client uses them. */
export const DAYTONA = [
  {
    id: "DAY-001",
    source: "daytona 2.1 | variables",
    behaviour: "DAYTONA_API_KEY and DAYTONA_API_URL alone lead an unmodified program here.",
  },
  {
    id: "DAY-002",
    source: "daytona 2.2 lifecycle | live",
    behaviour:
      "A sandbox that was asked for with nothing is started, has an id, a name, an owner and resources, and stops after 15 idle minutes.",
  },
  {
    id: "DAY-003",
    source: "daytona 2.2 lifecycle",
    behaviour: "Name, labels, variables and intervals that were asked for hold and are told again.",
  },
  {
    id: "DAY-004",
    source: "daytona 2.2 lifecycle | live",
    behaviour: "A sandbox is found by its id and by its name, whichever face made it.",
  },
  {
    id: "DAY-005",
    source: "daytona 2.2 lifecycle | live",
    behaviour: "Lists go over all pages, and are filtered by labels and states.",
  },
  {
    id: "DAY-006",
    source: "daytona 2.2 lifecycle | live",
    behaviour: "Stopping keeps the files, starting brings them back; a stopped one runs nothing.",
  },
  {
    id: "DAY-007",
    source: "daytona 2.2 lifecycle",
    behaviour: "Pausing freezes what runs, and starting lets it go on.",
  },
  {
    id: "DAY-008",
    source: "daytona 2.2 lifecycle",
    behaviour: "A fork has the files of its source, which runs on.",
  },
  {
    id: "DAY-009",
    source: "daytona 2.2 lifecycle",
    behaviour: "A deleted sandbox is unknown; an ephemeral one is deleted by stopping it.",
  },
  {
    id: "DAY-010",
    source: "daytona 2.2 settings | live",
    behaviour: "Labels, intervals, time to live and variables can be changed while it runs.",
  },
  {
    id: "DAY-011",
    source: "daytona 2.2 settings",
    behaviour:
      "An idle sandbox stops when its interval is over, and what is asked of it counts as activity.",
  },
  {
    id: "DAY-012",
    source: "daytona 2.2 settings",
    behaviour: "A time to live deletes the sandbox when it is over, whatever it does.",
  },
  {
    id: "DAY-013",
    source: "daytona 2.2 settings",
    behaviour:
      "A block and two lists say where a sandbox may connect to; they are told as they were set, and other faces see the policy.",
  },
  {
    id: "DAY-020",
    source: "daytona 2.2 toolbox exec | golden",
    behaviour:
      "A command's two outputs come as one text in the order in which they were written, with its exit code; directory and variables hold.",
  },
  {
    id: "DAY-021",
    source: "daytona 2.2 toolbox exec | golden",
    behaviour: "A command that outlasts its time fails as a timeout of the toolbox's.",
  },
  {
    id: "DAY-022",
    source: "daytona 2.2 toolbox exec | golden",
    behaviour: "Code runs in the sandbox's language with arguments and variables.",
  },
  {
    id: "DAY-030",
    source: "daytona 2.2 sessions | golden",
    behaviour: "What a line of a session sets holds for the next: one shell lives as long as it.",
  },
  {
    id: "DAY-031",
    source: "daytona 2.2 sessions | golden",
    behaviour:
      "A line that is not waited for is followed live, line by line, each stream by itself.",
  },
  {
    id: "DAY-032",
    source: "daytona 2.2 sessions | golden",
    behaviour: "A line takes input while it runs, and none when it is done.",
  },
  {
    id: "DAY-033",
    source: "daytona 2.2 sessions | golden",
    behaviour: "A session whose shell has ended takes no more lines; an unknown one is not found.",
  },
  {
    id: "DAY-034",
    source: "daytona 2.2 sessions",
    behaviour: "What a line leaves in the background goes on without holding up the next.",
  },
  {
    id: "DAY-035",
    source: "daytona 2.2 sessions | golden",
    behaviour: "What the image starts by itself is the entrypoint's session, with its logs.",
  },
  {
    id: "DAY-040",
    source: "daytona 2.2 pty | golden",
    behaviour: "A terminal takes input, variables and a size, and says how it ended.",
  },
  {
    id: "DAY-041",
    source: "daytona 2.2 pty | golden",
    behaviour: "A terminal outlives its connection; others look on at it, and it can be ended.",
  },
  {
    id: "DAY-050",
    source: "daytona 2.2 interpreter | golden",
    behaviour:
      "Python code keeps its state per context, and tells output, errors and timeouts apart.",
  },
  {
    id: "DAY-060",
    source: "daytona 2.2 files | live",
    behaviour: "Files are written, read, listed, described, moved and deleted.",
  },
  {
    id: "DAY-061",
    source: "daytona 2.2 files | live",
    behaviour: "Many files go in one call each way; each that cannot be read says why.",
  },
  {
    id: "DAY-062",
    source: "daytona 2.2 files | live",
    behaviour: "Files are found by their names and by what they hold, and texts replaced in them.",
  },
  {
    id: "DAY-063",
    source: "daytona 2.2 files",
    behaviour: "Large files stream both ways and keep every byte.",
  },
  {
    id: "DAY-064",
    source: "daytona 2.2 files | live",
    behaviour: "A file's permissions can be changed.",
  },
  {
    id: "DAY-065",
    source: "daytona 2.2 files | live",
    behaviour: "A file can be given to another user.",
    needs: "users",
    expectedToFail: {
      isolation: "process",
      reason: "without namespaces there is one user, the caller; nothing can be given away",
    },
  },
  {
    id: "DAY-070",
    source: "daytona 2.2 git | live",
    behaviour:
      "A repository is made, filled, committed, pushed, cloned and pulled by the sandbox's git.",
  },
  {
    id: "DAY-071",
    source: "daytona 2.2 git | live",
    behaviour:
      "Branches are made, listed, checked out and deleted; changes are told, staged and taken back.",
  },
  {
    id: "DAY-072",
    source: "daytona 2.2 git",
    behaviour: "What git refuses has the vendor's class of error.",
  },
  {
    id: "DAY-080",
    source: "daytona 2.2 access | live",
    behaviour: "A preview link leads to a port with the sandbox's token, and to nothing without.",
  },
  {
    id: "DAY-081",
    source: "daytona 2.2 access | live",
    behaviour: "A signed preview link needs nothing else, for one port and until it is ended.",
  },
  {
    id: "DAY-082",
    source: "daytona 2.2 access",
    behaviour: "A public sandbox's previews need no token.",
  },
  {
    id: "DAY-083",
    source: "daytona 2.2 files | live",
    behaviour:
      "Links that the client signs itself read and write one file, until the key is changed.",
  },
  {
    id: "DAY-084",
    source: "daytona 2.2 access",
    behaviour: "A token opens the toolbox of its own sandbox alone.",
  },
  {
    id: "DAY-090",
    source: "daytona 2.2 others | live",
    behaviour: "Volumes are made, found, mounted and deleted, and keep their files.",
  },
  {
    id: "DAY-091",
    source: "daytona 2.2 images | live",
    behaviour: "Snapshots are listed by pages, and found by name.",
  },
  {
    id: "DAY-092",
    source: "daytona 2.2 images",
    behaviour:
      "A snapshot is built from a Dockerfile with its log told live, and sandboxes start from it.",
  },
  {
    id: "DAY-093",
    source: "daytona 2.2 images",
    behaviour: "A sandbox's files become a snapshot while it runs on; it outlives the sandbox.",
  },
  {
    id: "DAY-094",
    source: "daytona 2.2 images | live",
    behaviour: "A sandbox starts from an image that is described in the program.",
  },
  {
    id: "DAY-095",
    source: "daytona 2.2 others",
    behaviour: "Secrets are made, listed, changed and deleted, and no answer holds a value.",
  },
  {
    id: "DAY-096",
    source: "daytona 2.2 others",
    behaviour: "What a sandbox uses of its machine is told in the vendor's figures.",
  },
  {
    id: "DAY-100",
    source: "daytona 2.2 errors",
    behaviour:
      "Every error says its status, message, code and source, and classes are chosen by them.",
  },
  {
    id: "DAY-101",
    source: "issue: refused by name",
    behaviour: "What one machine does not have is refused with a reason, before anything is done.",
  },
  {
    id: "DAY-102",
    source: "issue: proof",
    behaviour: "Paths and links do not lead out of a sandbox.",
  },
] as const satisfies readonly Requirement[];
