/** The numbers that bound the system. Each says where it comes from. */
export const LIMITS = {
  /** The vendor's API refuses more than 15 ports. */
  ports: 15,
  /** Tags are other vendors' metadata and labels, too, which bound them loosely or not at all. */
  tags: 1_000,
  tagKeyLength: 1_024,
  tagValueLength: 16 * 1_024,
  /** As long as a file name may be with room for what we append. */
  nameLength: 128,
  /** Extending a session's life goes in steps of at least a second (vendor). */
  extendTimeoutMinMs: 1_000,
  timeoutMinMs: 1_000,
  /** What Vercel's and e2b's faces allow, as their vendors' largest plans do: 24 hours in all. */
  sessionTimeoutMs: 24 * 60 * 60 * 1_000,
  /** What the engine allows: ten years, for those who mean a sandbox to stay. */
  longestTimeoutMs: 10 * 365 * 24 * 60 * 60 * 1_000,
  vcpus: 32,
  /** Memory follows the number of processors: 2,048 MB each (vendor). */
  memoryMbPerVcpu: 2_048,
  /** Where it does not follow: less starts no program, more has no machine that this is made for. */
  memoryMbMin: 128,
  memoryMbMax: 256 * 1_024,
  keepLastSnapshots: 10,
  drivesPerSandbox: 4,
  failoverRegions: 10,
  pageSize: 100,
  treePageSize: 10,
  /** One JSON request. Commands with large arguments still fit: Linux bounds argv at 2 MiB. */
  jsonBodyBytes: 4 * 1024 * 1024,
  /** One upload: entries and unpacked bytes. */
  uploadEntries: 200_000,
  uploadBytes: 8 * 1024 * 1024 * 1024,
  /** A path inside a sandbox, as Linux bounds it. */
  pathLength: 4_096,
  /** Of one file, names and values (envd): less than a block of ext4, in which it keeps them. */
  fileMetadataBytes: 4_096,
  /** Of one list of files: more are no answer that anybody reads. */
  listedFiles: 200_000,
  /** Of one watch: each takes a descriptor and a watch of the system's. */
  watchedDirectories: 8_192,
  /** What a watch of files keeps for a reader that is slow. */
  fileEvents: 10_000,
  envEntries: 1_000,
  secretNameLength: 256,
  /** It has to fit into one header line, of which servers commonly take 8 KiB. */
  secretValueLength: 8 * 1_024,
  secretDescriptionLength: 1_024,
  secretMetadataCharacters: 16 * 1_024,
  secretHosts: 100,
  secretsPerSandbox: 100,
  templateNames: 10,
  templateTags: 100,
  buildSteps: 1_000,
  /** A command line of the shell: Linux bounds one argument at 128 KiB. */
  buildCommandLength: 128 * 1_024,
  /** What of a build's log is kept, its newest lines first to go: what went wrong at the start explains the rest. */
  buildLogBytes: 8 * 1024 * 1024,
  /** One step of a build, and the wait for a template's sandbox to be ready. */
  buildStepMs: 60 * 60 * 1_000,
  templateReadyMs: 10 * 60 * 1_000,
  /** What a command's output may take on disk before its oldest part is dropped. */
  outputBytes: 256 * 1024 * 1024,
  /** What a log reader takes in one piece. */
  outputChunkBytes: 64 * 1024,
  stdinWriteBytes: 1024 * 1024,
  /** One result of a piece of code, as its kernel tells it: a picture in Base64 fits many times. */
  kernelMessageCharacters: 32 * 1024 * 1024,
  /** How long a write to a command's stdin may wait for the command to read (vendor: 30 s). */
  stdinAcceptMs: 30_000,
  sandboxes: 10_000,
} as const;
