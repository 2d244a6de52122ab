/** The numbers that bound the studio. Each says where it comes from. */
export const STUDIO_LIMITS = {
  /** Steps of one turn: room for a small app with its corrections, and an end to a model that runs in circles. */
  stepsPerTurn: 30,
  /** Fixes that the studio may ask for by itself after one request of the user. */
  autoFixesPerTurn: 2,
  /** Errors of one report; a broken page can throw thousands. */
  errorsPerReport: 20,
  errorTextLength: 4_000,
  /** The last lines of a command that ended badly, as the model gets them. */
  errorLines: 40,
  /** One message of the user: a long document still fits. */
  messageTextLength: 100_000,
  projectNameLength: 80,
  /** What a tool's result may tell the model: about 4,000 tokens, from both ends of the text. */
  modelTextLength: 16_000,
  /** One file that a tool or the editor writes. */
  fileBytes: 4 * 1024 * 1024,
  filesPerWrite: 200,
  /** Entries of one tree answer; folders that hold more are asked for by their own path. */
  treeEntries: 5_000,
  /** One file's text on either side of a diff. */
  diffFileBytes: 512 * 1024,
  diffFiles: 300,
  terminalInputBytes: 64 * 1024,
  /** What a terminal keeps for a browser that comes back. */
  terminalReplayBytes: 256 * 1024,
  terminalsPerSandbox: 8,
  /** The last lines that a crashed preview shows. */
  previewLogLines: 20,
  /** A project's download, packed in memory. */
  downloadBytes: 256 * 1024 * 1024,
  /** One JSON request. */
  jsonBodyBytes: 8 * 1024 * 1024,
} as const;

/** Ports that every project's sandbox exposes: what common tools listen on. The first is `PORT`. */
export const PROJECT_PORTS: readonly number[] = [3000, 5173, 8000, 8080];

/** Where a project's files are in its sandbox, and where its commands start. */
export const PROJECT_FOLDER = "/vercel/sandbox";
