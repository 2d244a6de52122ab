/** The numbers that bound the system. Each says where it comes from. */
export const LIMITS = {
  /** The vendor's API refuses more than 15 ports. */
  ports: 15,
  /** The vendor's limit of tags per sandbox. */
  tags: 5,
  tagKeyLength: 128,
  tagValueLength: 256,
  /** As long as a file name may be with room for what we append. */
  nameLength: 128,
  /** Extending a session's life goes in steps of at least a second (vendor). */
  extendTimeoutMinMs: 1_000,
  timeoutMinMs: 1_000,
  /** The vendor's largest plan: 24 hours in all. */
  sessionTimeoutMs: 24 * 60 * 60 * 1_000,
  vcpus: 32,
  /** Memory follows the number of processors: 2,048 MB each (vendor). */
  memoryMbPerVcpu: 2_048,
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
  envEntries: 1_000,
  /** What a command's output may take on disk before its oldest part is dropped. */
  outputBytes: 256 * 1024 * 1024,
  /** What a log reader takes in one piece. */
  outputChunkBytes: 64 * 1024,
  stdinWriteBytes: 1024 * 1024,
  /** How long a write to a command's stdin may wait for the command to read (vendor: 30 s). */
  stdinAcceptMs: 30_000,
  sandboxes: 10_000,
} as const;
