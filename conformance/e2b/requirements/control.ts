import type { Requirement } from "../../requirements/requirement.ts";

/** Without namespaces commands see this machine's files, and users' names mean nothing. */
const needsOwnFiles = (sign: { says?: string } = {}) =>
  ({
    needs: "private-files",
    expectedToFail: {
      isolation: "process",
      reason: "without namespaces commands see the host's file tree, where all is one user's",
      ...sign,
    },
  }) as const satisfies Partial<Requirement>;

/** The control API of e2b: what an account can ask for. */
export const CONTROL = [
  {
    id: "E2B-001",
    source: "e2b 1.1 | variables",
    behaviour:
      "E2B_API_KEY, E2B_API_URL and E2B_SANDBOX_URL alone lead an unmodified program here, by plain HTTP.",
  },
  {
    id: "E2B-002",
    source: "e2b 1.2 create",
    behaviour:
      "A sandbox that was asked for with nothing lives 300 seconds, has the internet, and is killed at its timeout.",
  },
  {
    id: "E2B-003",
    source: "e2b 1.2 create",
    behaviour:
      "What was asked for is told again: metadata, template and its name, timeout, lifecycle, network, processors and memory.",
  },
  {
    id: "E2B-004",
    source: "e2b 1.2 create",
    behaviour: "Variables of the sandbox are in every command's environment.",
  },
  {
    id: "E2B-005",
    source: "e2b 1.2 create",
    behaviour:
      "The daemon's version is at least 0.6.13, ids hold no dash, the client's domain holds.",
  },
  {
    id: "E2B-006",
    source: "e2b 1.2 one",
    behaviour: "kill() is true once and false from then on; a killed sandbox is not found.",
  },
  {
    id: "E2B-007",
    source: "e2b 1.2 errors",
    behaviour:
      "A wrong key, an unknown sandbox, an unknown template and an engine that is busy or full are the client's own errors.",
  },
  {
    id: "E2B-008",
    source: "shapes A NewSandbox",
    behaviour:
      "The first version of create lives 15 seconds by default and asks for a token only when it is told to.",
    ...needsOwnFiles(),
  },
  {
    id: "E2B-009",
    source: "e2b 1.2 connect",
    behaviour: "connect() to a running sandbox gives the same one, and its time only ever grows.",
  },
  {
    id: "E2B-010",
    source: "e2b 1.2 time",
    behaviour:
      "setTimeout() counts from now and may shorten; the sandbox is gone on time, not before.",
  },
  {
    id: "E2B-011",
    source: "vendor docs | limits",
    behaviour: "No timeout is over 24 hours.",
  },
  {
    id: "E2B-012",
    source: "e2b 1.2 state",
    behaviour:
      "pause() keeps files, processes and their memory; connect() goes on with them, and the timeout begins anew.",
  },
  {
    id: "E2B-013",
    source: "e2b 1.2 state",
    behaviour: "pause() of a paused sandbox is false.",
  },
  {
    id: "E2B-014",
    source: "e2b 1.2 state",
    behaviour: "Without memory, a pause keeps the files and ends the processes.",
  },
  {
    id: "E2B-015",
    source: "e2b 1.2 state",
    behaviour: "A paused sandbox outlives every timeout.",
  },
  {
    id: "E2B-016",
    source: "e2b 1.2 create",
    behaviour: "With onTimeout pause, a sandbox is paused at its timeout instead of killed.",
  },
  {
    id: "E2B-017",
    source: "e2b 1.2 create",
    behaviour: "With autoResume, traffic to a paused sandbox resumes it; without, it does not.",
  },
  {
    id: "E2B-018",
    source: "e2b 1.2 list",
    behaviour:
      "Sandboxes are listed newest first, in pages whose cursor is a header, or oldest first.",
  },
  {
    id: "E2B-019",
    source: "e2b 1.2 list",
    behaviour:
      "Lists are filtered by metadata (any text in it), state, template and time of start.",
  },
  {
    id: "E2B-020",
    source: "issue | one engine",
    behaviour:
      "A sandbox that was made through another face is listed, connected to, used and killed; its stop is a pause here.",
  },
  {
    id: "E2B-021",
    source: "issue | one engine",
    behaviour: "A sandbox that was made here is listed and used through another face.",
  },
  {
    id: "E2B-022",
    source: "shapes A GET /sandboxes",
    behaviour: "The first version of the list holds the running sandboxes and no other.",
  },
  {
    id: "E2B-023",
    source: "e2b 1.2 copy",
    behaviour:
      "createSnapshot() leaves the sandbox and its processes running, and is a template for new ones.",
  },
  {
    id: "E2B-024",
    source: "e2b 1.2 copy",
    behaviour:
      "Snapshots have names, are listed by sandbox and by name in pages, outlive their sandbox, and are deleted once.",
  },
  {
    id: "E2B-025",
    source: "e2b 1.2 copy",
    behaviour:
      "fork() gives as many sandboxes with the files and settings of the source, which goes on.",
  },
  {
    id: "E2B-026",
    source: "e2b 1.2 observe",
    behaviour: "Metrics are real: processors, memory and disk of the sandbox, in the asked time.",
    needs: "private-files",
    expectedToFail: {
      isolation: "process",
      reason: "without namespaces nothing counts the memory of a sandbox",
    },
  },
  {
    id: "E2B-101",
    source: "e2b 1.2 volumes",
    behaviour:
      "Volumes have names that are taken once; they are found, listed, and destroyed once.",
  },
  {
    id: "E2B-102",
    source: "shapes A volume content",
    behaviour:
      "A volume's files are listed, read, written, described and removed without a sandbox, with its own token.",
  },
  {
    id: "E2B-103",
    source: "e2b 1.2 volumes",
    behaviour:
      "A sandbox that mounts a volume and the volume's own API see the same files, with owners and modes.",
    ...needsOwnFiles({ says: "A file cannot be given to another user" }),
  },
  {
    id: "E2B-104",
    source: "issue | proof",
    behaviour: "A token of another volume opens nothing.",
  },
  {
    id: "E2B-105",
    source: "issue | proof",
    behaviour: "No link in a volume leads out of it.",
    ...needsOwnFiles({ says: "A file cannot be given to another user" }),
  },
  {
    id: "E2B-111",
    source: "e2b 1.2 secrets",
    behaviour:
      "Secrets have names, versions and metadata; they are found by id or name, listed in pages, and destroyed once.",
  },
  {
    id: "E2B-112",
    source: "e2b 1.2 secrets",
    behaviour: "No answer holds a secret's value.",
  },
  {
    id: "E2B-121",
    source: "e2b 1.2 templates",
    behaviour:
      "A template is built of commands, copied files, variables, a directory and a user, and its log is told.",
    ...needsOwnFiles({ says: "A copy step cannot make files root's" }),
  },
  {
    id: "E2B-122",
    source: "e2b 1.2 templates",
    behaviour:
      "Sandboxes of a template have its files, variables, directory and user, and what it starts is started.",
    ...needsOwnFiles({ says: "A copy step cannot make files root's" }),
  },
  {
    id: "E2B-123",
    source: "e2b 1.2 templates",
    behaviour:
      "A build that fails, and an image that cannot be had, are build errors that say why.",
  },
  {
    id: "E2B-124",
    source: "e2b 1.2 templates",
    behaviour: "Whether a name exists can be asked.",
  },
  {
    id: "E2B-125",
    source: "e2b 1.2 templates",
    behaviour:
      "Builds of one name have tags that are given and taken; a template starts from another; deleting one leaves what was built from it.",
  },
  {
    id: "E2B-131",
    source: "e2b 1.1 routing",
    behaviour:
      "A request that names a sandbox and a port reaches what listens there, by HTTP and by WebSocket, unchanged both ways.",
  },
  {
    id: "E2B-133",
    source: "e2b 1.2 port proxy",
    behaviour: "Without public traffic, ports open to the sandbox's own traffic token alone: 403.",
  },
  {
    id: "E2B-134",
    source: "e2b 1.2 network",
    behaviour: "maskRequestHost is the Host that programs inside see.",
  },
  {
    id: "E2B-135",
    source: "issue | proof",
    behaviour:
      "Neither no token, nor another sandbox's, nor the account's key opens a sandbox's services.",
  },
] as const satisfies readonly Requirement[];
