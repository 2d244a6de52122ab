import type { Requirement } from "./requirement.ts";

/** Commands: started, followed, signalled, ended. */
export const COMMANDS = [
  {
    id: "CMD-001",
    source: "live compat",
    behaviour: "A command's stdout, stderr and exit code come back.",
  },
  { id: "CMD-002", source: "live compat", behaviour: "Any exit code from 0 to 255 comes back." },
  {
    id: "CMD-003",
    source: "reference 1.5",
    behaviour: "A command is an argv: nothing is split, expanded or quoted.",
  },
  { id: "CMD-004", source: "reference 1.5", behaviour: "A program that is not there is a 400." },
  {
    id: "CMD-005",
    source: "reference 1.5 | mock compat",
    behaviour: "A shell line in place of a program is a 400.",
  },
  {
    id: "CMD-006",
    source: "live compat",
    behaviour: "A shell that does not find a program exits with 127.",
  },
  {
    id: "CMD-007",
    source: "reference 1.5 | live compat",
    behaviour: "A command's own variables are set, and win over the sandbox's.",
  },
  {
    id: "CMD-008",
    source: "live compat",
    behaviour: "One command's exported variables are not the next one's.",
  },
  {
    id: "CMD-009",
    source: "live compat",
    behaviour:
      "A command runs in the directory it is given, absolute or relative to the session's.",
  },
  { id: "CMD-010", source: "reference 1.5", behaviour: "A directory that is not there is a 400." },
  {
    id: "CMD-011",
    source: "reference 1.5",
    behaviour: "A detached command is answered at once, without an exit code.",
  },
  {
    id: "CMD-012",
    source: "reference 2.4 | live compat",
    behaviour: "wait() gives a detached command's exit code.",
  },
  {
    id: "CMD-013",
    source: "reference 1.5",
    behaviour: "logs() replays from the first line, for each reader anew.",
  },
  {
    id: "CMD-014",
    source: "reference 1.5",
    behaviour: "logs() follows live and ends when the command ended.",
  },
  {
    id: "CMD-015",
    source: "live command.test",
    behaviour: "Several readers of one command each get all of it.",
  },
  {
    id: "CMD-016",
    source: "reference 2.2 | live command.test",
    behaviour: "A foreground command's sinks get each chunk as it comes.",
  },
  {
    id: "CMD-017",
    source: "reference 2.2",
    behaviour: "A detached command's sinks are fed in the background.",
  },
  {
    id: "CMD-018",
    source: "reference 2.4",
    behaviour: "A detached command's output of both streams is in the order of arrival.",
  },
  {
    id: "CMD-019",
    source: "reference 2.4",
    behaviour: "A foreground command's output of both streams is stdout, then stderr.",
  },
  {
    id: "CMD-020",
    source: "live command.test",
    behaviour: "A foreground command over its timeoutMs is killed: 137.",
  },
  {
    id: "CMD-021",
    source: "live command.test",
    behaviour: "A detached command over its timeoutMs is killed: 137, with nobody watching.",
  },
  { id: "CMD-022", source: "live command.test", behaviour: "SIGINT ends a command with 130." },
  {
    id: "CMD-023",
    source: "live command.test",
    behaviour: "SIGTERM, which kill() sends by default, ends a command with 143.",
  },
  { id: "CMD-024", source: "reference 1.5", behaviour: "SIGKILL ends a command with 137." },
  {
    id: "CMD-025",
    source: "reference 2.4",
    behaviour: "Signals are given by name or number; an unknown name throws locally.",
  },
  {
    id: "CMD-026",
    source: "reference 2.4",
    behaviour: "SIGSTOP halts a command and SIGCONT lets it go on.",
  },
  {
    id: "CMD-027",
    source: "reference 1.5",
    behaviour: "kill() reaches the whole tree, also what put itself in the background.",
  },
  {
    id: "CMD-028",
    source: "reference 1.5",
    behaviour: "Killing a command that has ended is no error.",
  },
  { id: "CMD-029", source: "live compat", behaviour: "getCommand finds a command by its id." },
  { id: "CMD-030", source: "reference 1.5", behaviour: "An unknown command is a 404." },
  {
    id: "CMD-031",
    source: "reference 2.2",
    behaviour: "After a resume, a former session's command is none of the new session's.",
  },
  {
    id: "CMD-032",
    source: "reference 1.5",
    behaviour: "A caller that aborts a foreground command leaves it running.",
  },
  { id: "CMD-033", source: "reference 2.9", behaviour: "wait() with an aborted signal throws." },
  {
    id: "CMD-034",
    source: "reference 2.4 | live compat",
    behaviour: "A command tells its id, directory, start and duration.",
  },
  {
    id: "CMD-035",
    source: "reference 1.5",
    behaviour: "Text that is cut between two writes inside a character arrives whole.",
  },
  {
    id: "CMD-036",
    source: "reference 1.5",
    behaviour: "Bytes that are no UTF-8 become replacement characters and break nothing.",
  },
  {
    id: "CMD-037",
    source: "issue: the engine",
    behaviour: "Megabytes of output arrive complete and in order.",
  },
  {
    id: "CMD-038",
    source: "reference 1.5",
    behaviour: "A command's stdin is empty: reading it ends at once.",
  },
  {
    id: "CMD-039",
    source: "issue: the engine",
    behaviour: "A child left in the background does not hold up the command's result.",
  },
  {
    id: "CMD-040",
    source: "reference 1.5",
    behaviour: "A command that ends itself by signal n has exit code 128+n.",
  },
  {
    id: "CMD-041",
    source: "issue: the engine",
    behaviour: "Many commands at once do not mix their output.",
  },
  {
    id: "CMD-042",
    source: "reference 1.5, 1.9",
    behaviour: "A session's commands are listed, page by page.",
  },
  {
    id: "CMD-043",
    source: "reference 1.9",
    behaviour:
      "A command with attachStdin reads what is written to it, in order, until it is closed.",
  },
  {
    id: "CMD-044",
    source: "reference 1.9",
    behaviour: "A write to stdin that leaves a gap is a 409.",
  },
  {
    id: "CMD-045",
    source: "design 2; reference 6",
    behaviour: "Output and exit code stay readable after the session stopped.",
  },
  {
    id: "CMD-046",
    source: "reference 1.5",
    behaviour: "The stream's first line is the command, at once, before any output.",
  },
  {
    id: "CMD-047",
    source: "reference 1.5",
    behaviour: "The stream's last line is the command with its exit code and duration.",
  },
  {
    id: "CMD-048",
    source: "issue: the engine",
    behaviour: "A command that a stop ends still has an exit code afterwards.",
  },
  {
    id: "CMD-049",
    source: "reference 2.4",
    behaviour: "output(), stdout() and stderr() may be asked again and answer the same.",
  },
  {
    id: "CMD-050",
    source: "live command.test",
    behaviour: "stdout() after a foreground command needs no second reader and prints no warning.",
  },
  {
    id: "CMD-051",
    source: "reference 1.5",
    behaviour: "The sandbox's variables reach the children of a command.",
  },
  {
    id: "CMD-052",
    source: "issue: the engine",
    behaviour: "An argument may hold anything but NUL: spaces, quotes, line ends, any script.",
  },
  {
    id: "CMD-053",
    source: "mock compat (listed as missing)",
    behaviour: "Jobs in the background of a shell work.",
  },
  {
    id: "CMD-054",
    source: "mock compat (listed as missing)",
    behaviour: "Output arrives while the command runs, not at its end.",
  },
] as const satisfies readonly Requirement[];
