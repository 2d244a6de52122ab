export { HostedSandbox, HostPayload, SANDBOX_HOST } from "./carrier.ts";
export { Command, CommandRequest, OutputStream } from "./command.ts";
export type { CommandRequestInput, OutputChunk } from "./command.ts";
export { DEFAULTS } from "./defaults.ts";
export { Drive, DriveRequest } from "./drive.ts";
export { FAULTS, SandboxError } from "./errors.ts";
export type { FaultCode } from "./errors.ts";
export { explainIssues } from "./explain-issues.ts";
export { FileInfo, FileMetadata, FileType } from "./file.ts";
export type { FileEvent } from "./file.ts";
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
  Port,
  Sandbox,
  SandboxStatus,
  Session,
  SessionStatus,
  UpdateSandboxRequest,
} from "./sandbox.ts";
export { Kept, Life, OnTimeout } from "./sandbox-life.ts";
export { KeepLastSnapshots, Mount, Mounts, Source } from "./sandbox-parts.ts";
export { SandboxUser } from "./sandbox-user.ts";
export { SandboxTemplate } from "./sandbox-template.ts";
export { CreateSecretRequest, Secret, SecretVariables, UpdateSecretRequest } from "./secret.ts";
export {
  BuildLogLine,
  StartBuildRequest,
  Template,
  TemplateBuild,
  TemplateStep,
} from "./template.ts";
export { TerminalRequest } from "./terminal.ts";
export type { TerminalRequestInput, TerminalView } from "./terminal.ts";
export type { CreateSandboxRequestInput, Route } from "./sandbox.ts";
export { Usage, UsageSample } from "./usage.ts";
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
