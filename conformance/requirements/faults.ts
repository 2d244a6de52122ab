import type { Requirement } from "./requirement.ts";

/** What must hold when something dies, fills up or races. */
export const FAULTS = [
  {
    id: "FLT-001",
    source: "issue: faults",
    behaviour:
      "After a kill -9 of the daemon during create, the name is usable and nothing half-made is listed.",
  },
  {
    id: "FLT-002",
    source: "issue: faults",
    behaviour:
      "A running command survives a kill -9 of the daemon; its output and exit code are there afterwards.",
  },
  {
    id: "FLT-003",
    source: "issue: faults",
    behaviour: "A stop that a kill -9 interrupted is finished, with nothing lost.",
  },
  {
    id: "FLT-004",
    source: "issue: faults",
    behaviour: "A snapshot that a kill -9 interrupted is finished or never was; the sandbox works.",
  },
  {
    id: "FLT-005",
    source: "issue: faults",
    behaviour:
      "On a full disk the caller is told so; nothing that was acknowledged is lost, and work goes on when there is room.",
  },
  {
    id: "FLT-006",
    source: "issue: faults",
    behaviour: "50 clients that race on one name get one sandbox.",
  },
  {
    id: "FLT-007",
    source: "issue: faults",
    behaviour: "1,000 commands in one sandbox all end as they should, and all are listed.",
  },
  {
    id: "FLT-008",
    source: "issue: faults",
    behaviour:
      "A caller that disappears in the middle of a stream leaves the command running and its output complete for the next.",
  },
  {
    id: "FLT-009",
    source: "issue: faults",
    behaviour:
      "A caller that loads the library again and again has one client and leaks no socket.",
  },
  {
    id: "FLT-010",
    source: "issue: faults",
    behaviour: "A state file that is damaged is a clear error, and nothing is deleted.",
  },
  {
    id: "FLT-011",
    source: "design 2",
    behaviour: "Two callers that start the daemon at the same time get the same one.",
  },
  {
    id: "FLT-012",
    source: "design 2",
    behaviour:
      "What was acknowledged before a kill -9 is there afterwards: sandboxes, files, ports, deadlines.",
  },
  { id: "FLT-013", source: "design 2", behaviour: "A caller's death takes no sandbox with it." },
  {
    id: "FLT-014",
    source: "issue: isolation",
    behaviour:
      "A daemon killed again and again at random points loses nothing that was acknowledged, and leaves no mount, namespace, control group, process, listener or directory behind.",
  },
  {
    id: "FLT-015",
    source: "design 2",
    behaviour:
      "After the machine was started anew, a sandbox that ran has its files and runs again at the next call.",
  },
] as const satisfies readonly Requirement[];
