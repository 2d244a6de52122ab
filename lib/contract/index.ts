export { HostedSandbox, HostPayload, SANDBOX_HOST } from "./carrier.ts";
export { Command, CommandRequest, OutputStream } from "./command.ts";
export type { CommandRequestInput, OutputChunk } from "./command.ts";
export { DEFAULTS } from "./defaults.ts";
export { Drive, DriveRequest } from "./drive.ts";
export { FAULTS, SandboxError } from "./errors.ts";
export type { FaultCode } from "./errors.ts";
export { explainIssues } from "./explain-issues.ts";
export { LIMITS } from "./limits.ts";
export {
  DirectResponse,
  KeyValueMatcher,
  NetworkPolicy,
  NetworkRule,
  RuleMatch,
  TextMatcher,
} from "./network-policy.ts";
export { PageRequest, SortOrder } from "./page.ts";
export type { Page } from "./page.ts";
export {
  CreateSandboxRequest,
  ForkSandboxRequest,
  KeepLastSnapshots,
  Mount,
  Mounts,
  Port,
  Sandbox,
  SandboxStatus,
  Session,
  SessionStatus,
  Source,
  UpdateSandboxRequest,
} from "./sandbox.ts";
export type { CreateSandboxRequestInput, Route } from "./sandbox.ts";
export { Usage } from "./usage.ts";
export { Snapshot, SnapshotStatus } from "./snapshot.ts";
export type { SnapshotTreeNode } from "./snapshot.ts";
export { CommandRecord } from "./operations/command-operations.ts";
export type { FileRead } from "./operations/file-operations.ts";
export { OperationError, OperationErrorCode } from "./operations/operation-error.ts";
export { OPERATION_DEFAULTS, OPERATION_LIMITS } from "./operations/operation-limits.ts";
export { OPERATIONS, sandboxTag } from "./operations/operations.ts";
export type {
  OperationName,
  OperationPayload,
  OperationPayloadInput,
  OperationResult,
  OperationSuccess,
} from "./operations/operations.ts";
