import { needsPrivateFiles, type Requirement } from "./requirement.ts";

/** Files through the file endpoints, and through `sandbox.fs`, which runs guest commands. */
export const FILES = [
  {
    id: "FIL-001",
    source: "live sandbox.test",
    behaviour: "Files that are written are read back as a stream.",
  },
  {
    id: "FIL-002",
    source: "live sandbox.test",
    behaviour: "Files that are written are read back as a buffer.",
  },
  { id: "FIL-003", source: "live compat", behaviour: "Bytes are kept as they are." },
  {
    id: "FIL-004",
    source: "live sandbox.test | live compat",
    behaviour: "Reading what is not there gives null.",
  },
  {
    id: "FIL-005",
    source: "reference 1.6",
    behaviour: "An empty file reads as empty, not as null.",
  },
  { id: "FIL-006", source: "reference 1.6", behaviour: "A written file's parents are made." },
  {
    id: "FIL-007",
    source: "reference 1.6",
    behaviour: "A mode that is given is set; without one it is 0644.",
  },
  {
    id: "FIL-008",
    source: "reference 2.2",
    behaviour: "Relative paths are below the session's directory, for writing, reading and making.",
  },
  {
    id: "FIL-009",
    source: "live compat",
    behaviour:
      "Commands see files that were written to an absolute path, and the API reads what commands wrote.",
  },
  {
    id: "FIL-010",
    source: "reference 2.2",
    behaviour: "Writing again replaces a file as a whole.",
  },
  { id: "FIL-011", source: "reference 2.2", behaviour: "One call writes thousands of files." },
  { id: "FIL-012", source: "issue: the engine", behaviour: "A large file keeps every byte." },
  { id: "FIL-013", source: "reference 1.6", behaviour: "readFile takes a cwd." },
  {
    id: "FIL-014",
    source: "live sandbox.test",
    behaviour: "downloadFile copies to a local path and returns it.",
  },
  {
    id: "FIL-015",
    source: "live sandbox.test",
    behaviour: "downloadFile of what is not there gives null and writes nothing.",
  },
  {
    id: "FIL-016",
    source: "live sandbox.test",
    behaviour: "downloadFile makes local parents when asked.",
  },
  {
    id: "FIL-017",
    source: "reference 2.2",
    behaviour: "downloadFile without a source or destination path throws before any request.",
  },
  { id: "FIL-018", source: "live compat", behaviour: "mkDir makes one directory." },
  { id: "FIL-019", source: "mock compat", behaviour: "mkDir without its parent is a 400." },
  {
    id: "FIL-020",
    source: "issue: the engine",
    behaviour: "No path or symbolic link leads the file API out of the sandbox.",
  },
  {
    id: "FIL-021",
    source: "reference 1.6",
    behaviour: "A directory is not a file: reading it gives null or an error, and never hangs.",
  },
  {
    id: "FIL-022",
    source: "reference 1.6",
    behaviour: "Names with spaces, quotes and any script are kept.",
  },
  {
    id: "FIL-023",
    source: "reference 5.2",
    behaviour: "What the file API writes belongs to the user that runs commands.",
  },
  {
    id: "FSY-001",
    source: "reference 2.6 | live compat",
    behaviour: "fs.readFile and fs.writeFile round-trip, as text and as bytes.",
  },
  {
    id: "FSY-002",
    source: "reference 2.6",
    behaviour: "fs.appendFile appends, and makes what is not there.",
  },
  {
    id: "FSY-003",
    source: "reference 2.6",
    behaviour: "A missing file is an error with code ENOENT, its syscall and path.",
  },
  {
    id: "FSY-004",
    source: "reference 2.6 | live compat",
    behaviour: "fs.mkdir makes one directory, or all when recursive.",
  },
  { id: "FSY-005", source: "reference 2.6", behaviour: "fs.readdir lists names." },
  {
    id: "FSY-006",
    source: "live compat",
    behaviour: "fs.readdir with types tells files, directories and links apart.",
  },
  {
    id: "FSY-007",
    source: "live compat",
    behaviour: "fs.stat follows links and fs.lstat does not.",
  },
  { id: "FSY-008", source: "reference 2.6", behaviour: "fs.stat tells size, mode and times." },
  {
    id: "FSY-009",
    source: "reference 2.6",
    behaviour:
      "fs.unlink, fs.rm and fs.rmdir remove, and say ENOENT or ENOTEMPTY where they cannot.",
  },
  { id: "FSY-010", source: "live compat", behaviour: "fs.rename and fs.copyFile move and copy." },
  {
    id: "FSY-011",
    source: "reference 2.6",
    behaviour: "fs.access and fs.exists tell what is there.",
  },
  {
    id: "FSY-012",
    source: "live compat",
    behaviour: "fs.chmod sets the mode, given as a number or as text.",
  },
  {
    id: "FSY-013",
    source: "live compat",
    behaviour: "fs.symlink and fs.readlink make and read a relative link; a second one is EEXIST.",
  },
  {
    id: "FSY-014",
    source: "live compat",
    ...needsPrivateFiles,
    behaviour: "fs.realpath gives the path as the API knows it.",
  },
  { id: "FSY-015", source: "live compat", behaviour: "fs.truncate cuts and fills with zeros." },
  {
    id: "FSY-016",
    source: "live compat",
    behaviour: "fs.mkdtemp makes a new directory each time, whose path the API takes back.",
  },
  {
    id: "FSY-017",
    source: "reference 2.6",
    ...needsPrivateFiles,
    behaviour: "fs.readlink gives an absolute target as it was given.",
  },
] as const satisfies readonly Requirement[];
