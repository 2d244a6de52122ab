// All tasks and queues. Trigger.dev finds them in the files of this folder by itself; this is for programs.
export { commandOutput } from "./command-output.ts";
export { createSandbox } from "./create-sandbox.ts";
export { executeCommand } from "./execute-command.ts";
export { getCommandLogs } from "./get-command-logs.ts";
export { getCommandStatus } from "./get-command-status.ts";
export { getSandboxStatus } from "./get-sandbox-status.ts";
export { getSandboxUrl } from "./get-sandbox-url.ts";
export { sandboxHost, sandboxHostQueue } from "./host/index.ts";
export { sandboxCommands, sandboxOperations } from "./queues.ts";
export { readCommandOutput } from "./read-command-output.ts";
export { readFiles } from "./read-files.ts";
export { type OperationRun, runOperation } from "./run-operation.ts";
export { stopSandbox } from "./stop-sandbox.ts";
export { waitForCommand } from "./wait-for-command.ts";
export { writeFiles } from "./write-files.ts";
