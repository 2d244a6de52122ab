import type { Sandbox } from "sandlot";
import type { SandboxStatus } from "sandlot/contract";

/** How a sandbox stands, in the library's words: the vendor's has more of them, for how a session came to its end. */
export function statusOf(sandbox: Sandbox): SandboxStatus {
  const { status } = sandbox;
  switch (status) {
    case "running":
    case "pending":
      return "running";
    case "stopping":
    case "snapshotting":
      return status;
    case "stopped":
    case "failed":
    case "aborted":
      return "stopped";
  }
}
