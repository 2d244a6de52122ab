import type { Requirement } from "./requirement.ts";

/** Running periods, their end and what is kept of them. */
export const SESSIONS = [
  {
    id: "SES-001",
    source: "reference 1.4 | live sandbox.test",
    behaviour: "Stop blocks until the session is stopped.",
  },
  {
    id: "SES-002",
    source: "reference 1.4",
    behaviour:
      "Stop of a persistent sandbox makes an automatic snapshot and sets currentSnapshotId.",
  },
  {
    id: "SES-003",
    source: "reference 1.4 | live sandbox.test",
    behaviour: "After a resume the files are those of the stop, /tmp included.",
  },
  {
    id: "SES-004",
    source: "reference 1.4",
    behaviour:
      "Stop of a sandbox that is not persistent makes no snapshot, and its files are gone.",
  },
  { id: "SES-005", source: "reference 2.2", behaviour: "Stop is idempotent." },
  {
    id: "SES-006",
    source: "reference 5.2",
    behaviour: "No process survives a stop, whatever it did to get away.",
  },
  {
    id: "SES-007",
    source: "issue: the engine",
    behaviour: "A process that ignores SIGTERM is ended all the same.",
  },
  {
    id: "SES-008",
    source: "reference 2.3",
    behaviour:
      "A stopped session tells when it was asked to stop, when it stopped and how long it ran.",
  },
  {
    id: "SES-009",
    source: "reference 1.2",
    behaviour: "CPU time is told after a clean stop, not before.",
  },
  {
    id: "SES-010",
    source: "live sandbox.test",
    behaviour: "A stop and a resume give two sessions, the newest first.",
  },
  {
    id: "SES-011",
    source: "reference 1.4 | live sandbox.test",
    behaviour: "Sessions are listed page by page.",
  },
  {
    id: "SES-012",
    source: "live compat",
    behaviour: "The running session is in the list, as running.",
  },
  {
    id: "SES-013",
    source: "reference 1.4",
    behaviour: "A session is found by its id, with its routes.",
  },
  {
    id: "SES-014",
    source: "live sandbox.test",
    behaviour: "Extending adds exactly the given time to the session's timeout.",
  },
  {
    id: "SES-015",
    source: "live sandbox.test",
    behaviour: "Extending beyond the limit is a 400 with code sandbox_timeout_invalid.",
  },
  {
    id: "SES-016",
    source: "reference 1.4",
    behaviour: "Extending by less than a second is a 400.",
  },
  {
    id: "SES-017",
    source: "reference 5.2",
    behaviour: "A session really ends at its timeout, counted from its start.",
  },
  {
    id: "SES-018",
    source: "reference 5.2, 7",
    behaviour: "A persistent sandbox that timed out keeps its files for the next session.",
  },
  { id: "SES-019", source: "reference 2.2", behaviour: "Extending moves expiresAt." },
  {
    id: "SES-020",
    source: "reference 3.3",
    behaviour: "interactivePort is a number, for the CLI asks for it.",
  },
  {
    id: "SES-021",
    source: "reference 2.3",
    behaviour: "The session tells its processors, memory, region, cwd and times.",
  },
  {
    id: "SES-022",
    source: "reference 1.1 | live sandbox.test",
    behaviour: "A stopped sandbox resumes by itself when a command is run.",
  },
  {
    id: "SES-023",
    source: "reference 1.1 | live sandbox.test",
    behaviour: "A stopped sandbox resumes by itself when a file is read.",
  },
  {
    id: "SES-024",
    source: "reference 2.1",
    behaviour: "onResume is awaited when a call resumed the sandbox.",
  },
  {
    id: "SES-025",
    source: "reference 2.3",
    behaviour: "Session.stop gives the session, the sandbox and the snapshot.",
  },
  {
    id: "SES-026",
    source: "reference 2.2",
    behaviour: "Two stops at once end the session once and make one snapshot.",
  },
  {
    id: "SES-027",
    source: "reference 1.3",
    behaviour: "A timeout beyond 24 hours is refused at creation.",
  },
  { id: "SES-028", source: "reference 1.4", behaviour: "An unknown session is a 404." },
] as const satisfies readonly Requirement[];
