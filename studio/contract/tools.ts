import * as z from "zod";
import { STUDIO_LIMITS } from "./limits.ts";

// What the model gives is read loosely: an invented extra field is no reason to fail a step.
// The descriptions are read by the model.

/** A path of the project: relative to its folder, or absolute. */
const FilePath = z
  .string()
  .min(1)
  .max(4_096)
  .describe("Path of the file, relative to the project folder, for example src/main.js");

const CommandId = z.string().min(1).describe("The commandId that runCommand returned");

const CreateSandboxInput = z.object({});
const CreateSandboxOutput = z.object({
  sandboxId: z.string(),
  /** Every port that can be reached from outside, with its address. */
  ports: z.array(z.object({ port: z.int(), url: z.string() })),
  /** Whether the project had it already. */
  existed: z.boolean(),
});

const GenerateFilesInput = z.object({
  files: z
    .array(z.object({ path: FilePath, content: z.string().describe("The whole content") }))
    .min(1)
    .max(STUDIO_LIMITS.filesPerWrite),
});
const GenerateFilesOutput = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      lines: z.int(),
      sizeBytes: z.int(),
      /** False when it replaced a file. */
      created: z.boolean(),
    }),
  ),
});

const EditFileInput = z.object({
  path: FilePath,
  search: z
    .string()
    .min(1)
    .describe("Text that is in the file exactly once, with its white space and line breaks"),
  replace: z.string().describe("What takes its place; empty deletes it"),
  replaceAll: z.boolean().optional().describe("Replace every occurrence instead of exactly one"),
});
const EditFileOutput = z.object({
  path: z.string(),
  replacements: z.int(),
  linesAdded: z.int(),
  linesRemoved: z.int(),
});

const ReadFileInput = z.object({
  path: FilePath,
  fromLine: z.int().positive().optional().describe("First line to read, from 1"),
  lineCount: z.int().positive().optional().describe("How many lines to read"),
});
const ReadFileOutput = z.object({
  path: z.string(),
  content: z.string(),
  fromLine: z.int(),
  /** Of the whole file. */
  lines: z.int(),
});

const ListFilesInput = z.object({
  path: z.string().max(4_096).optional().describe("A folder; the project folder if absent"),
});
const ListFilesOutput = z.object({
  path: z.string(),
  entries: z.array(
    z.object({
      path: z.string(),
      type: z.enum(["file", "directory", "link", "other"]),
      sizeBytes: z.int().optional(),
    }),
  ),
  /** Whether there were more than are listed. */
  truncated: z.boolean(),
});

const RunCommandInput = z.object({
  command: z
    .string()
    .min(1)
    .max(32_000)
    .describe("A command line for the shell, for example: npm install && npm run build"),
  cwd: z.string().max(4_096).optional().describe("Folder to run in; the project folder if absent"),
  background: z
    .boolean()
    .optional()
    .describe("true for servers and watchers: returns at once and keeps running"),
  timeoutSeconds: z.int().positive().max(3_600).optional().describe("Ends it after this long"),
});

/** How far a command got. */
const CommandProgress = z.enum(["running", "exited", "timed-out"]);

const RunCommandOutput = z.object({
  sandboxId: z.string(),
  commandId: z.string(),
  state: CommandProgress,
  exitCode: z.int().nullable(),
  /** All of it or, of a long one, its beginning and its end: the logs have the rest. */
  stdout: z.string(),
  stderr: z.string(),
  /** Characters that were left out of `stdout` and `stderr`. */
  omittedCharacters: z.int(),
});

const GetCommandLogsInput = z.object({
  commandId: CommandId,
  lastLines: z.int().positive().max(5_000).optional().describe("Only the last so many lines"),
  waitSeconds: z
    .int()
    .positive()
    .max(300)
    .optional()
    .describe("Wait up to so long for its end before reading; nothing is waited for if absent"),
});

const GetSandboxUrlInput = z.object({
  port: z.int().min(1).max(65_535).describe("The port that the app listens on"),
});
const GetSandboxUrlOutput = z.object({
  port: z.int(),
  url: z.string(),
  /** Whether something answered there just now. */
  listening: z.boolean(),
});

const StopInput = z.object({
  commandId: z
    .string()
    .optional()
    .describe("The background command to end; the whole sandbox if absent"),
});
const StopOutput = z.object({
  stopped: z.enum(["command", "sandbox"]),
  commandId: z.string().optional(),
});

/** Every tool of the agent, under the name that the model sees. */
export const TOOLS = {
  createSandbox: { input: CreateSandboxInput, output: CreateSandboxOutput },
  generateFiles: { input: GenerateFilesInput, output: GenerateFilesOutput },
  editFile: { input: EditFileInput, output: EditFileOutput },
  readFile: { input: ReadFileInput, output: ReadFileOutput },
  listFiles: { input: ListFilesInput, output: ListFilesOutput },
  runCommand: { input: RunCommandInput, output: RunCommandOutput },
  getCommandLogs: { input: GetCommandLogsInput, output: RunCommandOutput },
  getSandboxUrl: { input: GetSandboxUrlInput, output: GetSandboxUrlOutput },
  stop: { input: StopInput, output: StopOutput },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export type ToolName = keyof typeof TOOLS;

/** Input and output of each tool, as the AI SDK's `UIMessage` takes them. */
export type StudioTools = {
  [Name in ToolName]: {
    input: z.output<(typeof TOOLS)[Name]["input"]>;
    output: z.output<(typeof TOOLS)[Name]["output"]>;
  };
};

/** Tools that wait for the user's yes where the project's approval is `ask`. */
export const TOOLS_TO_ASK_FOR: readonly ToolName[] = ["runCommand"];
