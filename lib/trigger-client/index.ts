// The package's main entry: every name of @vercel/sandbox. A name added here is public for good.
export {
  APIError,
  DEFAULT_SANDBOX_REGION,
  FileSystem,
  SandboxUser,
  SandboxUserAlreadyExistsError,
  StreamError,
} from "@vercel/sandbox";
export type {
  CommandOutput,
  ExecutionContext,
  InvalidRequestProxyHandler,
  NetworkPolicy,
  NetworkPolicyKeyValueMatcher,
  NetworkPolicyMatch,
  NetworkPolicyMatcher,
  NetworkPolicyRule,
  NetworkTransformer,
  ProxyHandler,
  ProxyMeta,
  SandboxMountMode,
  SandboxMounts,
  SandboxRegion,
  SerializedCommand,
  SerializedCommandFinished,
  SerializedDrive,
  SerializedSandbox,
  SerializedSnapshot,
  SnapshotTreeNodeData,
} from "@vercel/sandbox";
export { Command, CommandFinished } from "./command.ts";
export { Drive } from "./drive.ts";
export { Sandbox } from "./sandbox.ts";
export { defineSandboxProxy } from "./sandbox-proxy.ts";
export { Session } from "./session.ts";
export { Snapshot } from "./snapshot.ts";
