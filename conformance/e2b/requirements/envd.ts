import type { Requirement } from "../../requirements/requirement.ts";

/** What is inside a sandbox of e2b: commands, files, terminals, ports. */
export const ENVD = [
  {
    id: "ENV-101",
    source: "e2b 1.3 | upstream commands/run.test",
    behaviour:
      "A command's output and exit code come back; one that fails throws CommandExitError.",
  },
  {
    id: "ENV-102",
    source: "e2b 1.3 | upstream commands/run.test",
    behaviour: "Commands run in a login bash at /home/user, as the user `user`.",
  },
  {
    id: "ENV-103",
    source: "e2b 1.3 | upstream commands/envVars.test",
    behaviour:
      "Variables of a command win over those of the sandbox, and are not seen by the next.",
  },
  {
    id: "ENV-104",
    source: "e2b 1.3 | upstream commands/run.test",
    behaviour: "A command in the background streams what it writes, in order and undamaged.",
  },
  {
    id: "ENV-105",
    source: "e2b 1.3 | upstream commands/sendStdin.test",
    behaviour:
      "Input reaches a command by its pid and by its handle, as text, as bytes, to its end.",
  },
  {
    id: "ENV-106",
    source: "e2b 1.3 | upstream commands/kill.test",
    behaviour: "kill() ends a command and is true; for one that is not there it is false.",
  },
  {
    id: "ENV-107",
    source: "e2b 1.3 | upstream commands/list.test",
    behaviour: "Running commands are listed with pid, command, arguments, variables and directory.",
  },
  {
    id: "ENV-108",
    source: "e2b 1.3 | upstream commands/connect.test",
    behaviour:
      "One may connect to a running command and sees what it writes from then on; one that is not there is NotFound.",
  },
  {
    id: "ENV-109",
    source: "e2b 1.3",
    behaviour:
      "A command outlives its timeout neither with a reader nor without; the reader gets TimeoutError.",
  },
  {
    id: "ENV-110",
    source: "e2b 1.3",
    behaviour: "A client that goes away leaves its command running.",
  },
  {
    id: "ENV-111",
    source: "upstream commands/sandboxKilledDuringRun.test",
    behaviour: "A command whose sandbox is killed meanwhile throws TimeoutError.",
  },
  {
    id: "ENV-112",
    source: "e2b 1.3",
    behaviour:
      "A user that is named runs the command: root where the isolation has users, else it is refused by name.",
  },
  {
    id: "ENV-113",
    source: "upstream commands/run.test",
    behaviour: "A directory that is not there is an InvalidArgumentError.",
  },
  {
    id: "ENV-201",
    source: "e2b 1.3 | upstream files/write.test, read.test",
    behaviour:
      "Files are read back as they were written: text, bytes, blobs, streams, empty ones, gzip.",
  },
  {
    id: "ENV-202",
    source: "upstream files/write.test",
    behaviour:
      "Many files are written at once, their directories are made, and they belong to the user.",
  },
  {
    id: "ENV-203",
    source: "upstream files/read.test, remove.test, exists.test",
    behaviour:
      "What is not there is FileNotFoundError to read; it does not exist, and removing it is no error.",
  },
  {
    id: "ENV-204",
    source: "upstream files/list.test",
    behaviour: "Directories are listed to a depth, with types, sizes, modes, owners and times.",
  },
  {
    id: "ENV-205",
    source: "upstream files/info.test",
    behaviour: "A link is told of with its target and the target's type.",
  },
  {
    id: "ENV-206",
    source: "upstream files/makeDir.test",
    behaviour: "makeDir() makes parents, is true once, and false when the directory is there.",
  },
  {
    id: "ENV-207",
    source: "upstream files/rename.test",
    behaviour: "A file gets another name, also in a directory that is not there yet.",
  },
  {
    id: "ENV-208",
    source: "upstream files/metadata.test",
    behaviour:
      "Metadata of a file is kept, told, goes along with a rename, and is replaced by a write.",
  },
  {
    id: "ENV-209",
    source: "e2b 1.3",
    behaviour: "Relative paths and ~ begin at the user's home; root's are /root.",
  },
  {
    id: "ENV-210",
    source: "own",
    behaviour: "2,600 small files and 8 MiB in one are written and read back whole.",
  },
  {
    id: "ENV-301",
    source: "upstream files/watch.test",
    behaviour:
      "Changes in a directory are told, those below it when asked, also in directories made since.",
  },
  {
    id: "ENV-302",
    source: "upstream files/watch.test",
    behaviour: "Watching what is not there is FileNotFoundError, watching a file an error.",
  },
  {
    id: "ENV-303",
    source: "upstream files/watchHandle.test",
    behaviour: "A watch ends by stop() without an error, and by its timeout with one.",
  },
  {
    id: "ENV-401",
    source: "upstream pty/ptyCreate.test",
    behaviour:
      "A terminal is a login bash with TERM, size, variables and directory as asked; its exit code comes back.",
  },
  {
    id: "ENV-402",
    source: "upstream pty/resize.test, sendInput.test",
    behaviour: "A terminal takes input and another size by its pid.",
  },
  {
    id: "ENV-403",
    source: "upstream pty/ptyConnect.test, kill.test",
    behaviour: "One may leave a terminal and connect again; killing it is true once.",
  },
  {
    id: "ENV-501",
    source: "upstream git/*.test",
    behaviour:
      "sandbox.git makes, clones, changes, commits, branches, pushes and pulls repositories.",
  },
  {
    id: "ENV-601",
    source: "upstream files/signing.test",
    behaviour: "Signed links open the one file for reading or writing, also as root, and expire.",
  },
  {
    id: "ENV-602",
    source: "own",
    behaviour: "Neither a token nor a link of another sandbox opens this one.",
  },
  {
    id: "ENV-701",
    source: "e2b 1.1",
    behaviour: "A server in a sandbox answers under the sandbox's URL by its id and port.",
  },
  {
    id: "ENV-702",
    source: "e2b 1.2 | upstream closed_port.test",
    behaviour: "A closed port and an unknown sandbox are answered by 502 and JSON that names them.",
  },
] as const satisfies readonly Requirement[];
