import type { Requirement } from "./requirement.ts";

/** How every call behaves on the wire. */
export const API = [
  {
    id: "API-001",
    source: "reference 1.1",
    behaviour: "Any success is 2xx JSON that passes the SDK's own schemas.",
  },
  {
    id: "API-002",
    source: "reference 1.1",
    behaviour:
      "An error is JSON with error.code and error.message, which the SDK shows as `Status code N is not ok: message`.",
  },
  {
    id: "API-003",
    source: "reference 1.1",
    behaviour:
      "Every call may carry teamId, projectId or project in its query; they change nothing.",
  },
  {
    id: "API-004",
    source: "reference 1.1",
    behaviour: "A call without a body may say content-type: application/json all the same.",
  },
  {
    id: "API-005",
    source: "reference 1.1",
    behaviour: "Times are whole milliseconds since the epoch.",
  },
  {
    id: "API-006",
    source: "reference 1.3",
    behaviour: "Keys that begin with two underscores are accepted and mean nothing.",
  },
  {
    id: "API-007",
    source: "reference 1.3",
    behaviour: "A sandbox is created at v3, and at v2 when a runtime is named.",
  },
  {
    id: "API-008",
    source: "issue: the face",
    behaviour: "An unknown field is a 400 whose message names the field.",
  },
  {
    id: "API-009",
    source: "issue: the face",
    behaviour:
      "A body that is not JSON is a 400; an unknown path a 404; a wrong method a 405; all in the error form.",
  },
  {
    id: "API-010",
    source: "reference 1.1",
    behaviour: "A call that blocks sends its headers before it has its answer.",
  },
  {
    id: "API-011",
    source: "reference 1.5",
    behaviour: "A stream's content type is application/x-ndjson and nothing more.",
  },
  {
    id: "API-012",
    source: "reference 1.1",
    behaviour: "A 410 of a session makes the SDK resume the sandbox once and repeat the call.",
  },
  {
    id: "API-013",
    source: "reference 1.1, 1.8",
    behaviour:
      "While a session stops, a call waits for it to be gone and runs in the next session.",
  },
  {
    id: "API-014",
    source: "reference 1.1",
    behaviour: "Calls that find the sandbox stopped at the same time share one new session.",
  },
  {
    id: "API-015",
    source: "reference 1.1",
    behaviour: "Methods of Session and Command never resume: a stopped session is a 410.",
  },
  {
    id: "API-016",
    source: "reference 1.1",
    behaviour: "The resuming GET itself blocks until the new session takes commands.",
  },
  {
    id: "API-017",
    source: "reference 1.2",
    behaviour:
      "Session ids look like sbx_…, commands like cmd_…, snapshots like snap_…, subdomains like sb-<12 characters>.",
  },
  {
    id: "API-018",
    source: "reference 1.2",
    behaviour: "A page tells its count and the next cursor, which is null at the end.",
  },
  {
    id: "API-019",
    source: "issue: the face",
    behaviour: "A cursor that is none of ours is a 400.",
  },
  {
    id: "API-020",
    source: "reference 1.5",
    behaviour: "After the caller aborted, the call rejects with the reason of its signal.",
  },
  {
    id: "API-021",
    source: "reference 3.2, method A",
    behaviour:
      "The vendor's own classes work as they are, given nothing but a fetch and any credentials.",
  },
  {
    id: "API-022",
    source: "reference 3.2, method A",
    behaviour:
      "The vendor's own classes build a cloud's URL of a port, whose route tells the one that is there.",
  },
] as const satisfies readonly Requirement[];
