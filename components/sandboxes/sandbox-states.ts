import type { SandboxStatus } from "@/studio/contract/sandbox.ts";
import type { Tone } from "../ui/status-dot.tsx";

/** Each status of a sandbox as a word and a colour. */
export const SANDBOX_STATES: Record<SandboxStatus, { word: string; tone: Tone }> = {
  pending: { word: "Starting", tone: "busy" },
  running: { word: "Running", tone: "good" },
  stopping: { word: "Stopping", tone: "busy" },
  stopped: { word: "Stopped", tone: "quiet" },
  failed: { word: "Failed", tone: "bad" },
  aborted: { word: "Ended", tone: "warning" },
  snapshotting: { word: "Taking a snapshot", tone: "busy" },
};
