/** The numbers that bound operations run as tasks. Each says where it comes from. */
export const OPERATION_LIMITS = {
  /**
   * Text of files in one payload or result. The platform keeps a payload of up to 3 MB itself (its
   * TASK_PAYLOAD_MAXIMUM_SIZE) and needs object storage beyond; base64 adds a third.
   */
  filesBytes: 2 * 1024 * 1024,
  files: 500,
  /** What a result carries of each of a command's two streams: its end. All of it is in the run's stream. */
  resultOutputBytes: 64 * 1024,
  /** One answer of get-command-logs, of both streams together. */
  logsBytes: 1024 * 1024,
  /** A run's stream holds 300 MiB (the platform's limit), and a record's JSON is longer than its text. */
  streamedBytes: 128 * 1024 * 1024,
  /** One record of a stream is at most 1 MiB (the platform's limit), and JSON may write a character as six bytes. */
  recordCharacters: 128 * 1024,
  /** How long a call that waits for nothing but the engine may take. */
  answerMs: 60_000,
  /** A new sandbox may have to unpack a source, or wait until the run that holds it has begun. */
  createMs: 5 * 60_000,
  /** The longest wait of one run of wait-for-command: ask again for more. */
  waitMs: 60 * 60_000,
  /** As long as a sandbox of the vendor's largest plan lives. */
  commandMs: 24 * 60 * 60_000,
} as const;

/** What holds for an operation when its payload does not say. */
export const OPERATION_DEFAULTS = {
  /** A command of which nobody said how long it may take: a build, a test run. */
  commandMs: 15 * 60_000,
  waitMs: 60_000,
} as const;
