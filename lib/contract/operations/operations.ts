import type * as z from "zod";
import {
  ExecuteCommandPayload,
  ExecuteCommandResult,
  GetCommandLogsPayload,
  GetCommandLogsResult,
  GetCommandStatusPayload,
  GetCommandStatusResult,
  WaitForCommandPayload,
  WaitForCommandResult,
} from "./command-operations.ts";
import {
  ReadFilesPayload,
  ReadFilesResult,
  WriteFilesPayload,
  WriteFilesResult,
} from "./file-operations.ts";
import {
  CreateSandboxPayload,
  CreateSandboxResult,
  GetSandboxStatusPayload,
  GetSandboxStatusResult,
  GetSandboxUrlPayload,
  GetSandboxUrlResult,
  StopSandboxPayload,
  StopSandboxResult,
} from "./sandbox-operations.ts";

interface OperationDefinition {
  payload: z.ZodType;
  result: z.ZodType;
}

/** Every operation on a sandbox that is a task of its own, by the task's id. Ids are API: add, never rename. */
export const OPERATIONS = {
  "create-sandbox": { payload: CreateSandboxPayload, result: CreateSandboxResult },
  "write-files": { payload: WriteFilesPayload, result: WriteFilesResult },
  "read-files": { payload: ReadFilesPayload, result: ReadFilesResult },
  "execute-command": { payload: ExecuteCommandPayload, result: ExecuteCommandResult },
  "get-command-status": { payload: GetCommandStatusPayload, result: GetCommandStatusResult },
  "get-command-logs": { payload: GetCommandLogsPayload, result: GetCommandLogsResult },
  "wait-for-command": { payload: WaitForCommandPayload, result: WaitForCommandResult },
  "get-sandbox-url": { payload: GetSandboxUrlPayload, result: GetSandboxUrlResult },
  "get-sandbox-status": { payload: GetSandboxStatusPayload, result: GetSandboxStatusResult },
  "stop-sandbox": { payload: StopSandboxPayload, result: StopSandboxResult },
} as const satisfies Record<string, OperationDefinition>;

export type OperationName = keyof typeof OPERATIONS;
type PayloadSchema<Name extends OperationName> = (typeof OPERATIONS)[Name]["payload"];
type ResultSchema<Name extends OperationName> = (typeof OPERATIONS)[Name]["result"];

/** As an operation holds it: defaults filled in. */
export type OperationPayload<Name extends OperationName> = z.output<PayloadSchema<Name>>;
/** As a caller may write it: defaults left out. */
export type OperationPayloadInput<Name extends OperationName> = z.input<PayloadSchema<Name>>;
export type OperationResult<Name extends OperationName> = z.output<ResultSchema<Name>>;
/** What it gives when it succeeds. */
export type OperationSuccess<Name extends OperationName> = Extract<
  OperationResult<Name>,
  { ok: true }
>;

/** Under which tag all runs about one sandbox are found. */
export function sandboxTag(sandboxId: string): string {
  return `sandbox:${sandboxId}`;
}
