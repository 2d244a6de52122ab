import type { RequirementId } from "../requirements.ts";
import type { Exception } from "./requirement.ts";

const UNSUPPORTED = { code: "unsupported" } as const;
const DRIVES = "a drive is shared by sandboxes, and each of them has an engine of its own";
const TERMINALS = "a terminal is a connection, and nothing leads into a run";
const FORKS = "a snapshot is where its sandbox is, and another sandbox has another engine";

const drive: Exception = { reason: DRIVES, ...UNSUPPORTED };
const terminal: Exception = { reason: TERMINALS, ...UNSUPPORTED };
const fork: Exception = { reason: FORKS, ...UNSUPPORTED };
const foreignSnapshot: Exception = { reason: FORKS, code: "snapshot_not_found" };

/** What does not hold for a sandbox in a Trigger.dev run. */
export const TRIGGER_EXCEPTIONS: Partial<Record<RequirementId, Exception>> = {
  "DRV-001": drive,
  "DRV-002": { reason: DRIVES },
  "DRV-004": drive,
  "DRV-005": drive,
  "DRV-006": drive,
  "DRV-009": drive,
  "DRV-012": drive,
  "SER-003": drive,
  "INT-001": terminal,
  "INT-004": terminal,
  "INT-006": terminal,
  "INT-008": terminal,
  "SBX-055": fork,
  "SBX-056": fork,
  "SBX-058": { reason: FORKS },
  "SBX-059": fork,
  "SBX-060": fork,
  "SBX-017": foreignSnapshot,
  "SNP-011": foreignSnapshot,
  "SNP-015": foreignSnapshot,
  "SBX-052": {
    reason: "a deleted sandbox has no host that could keep its snapshots",
    code: "not_found",
  },
  "API-021": {
    reason: "the vendor's tour makes a fork and a drive",
    ...UNSUPPORTED,
  },
};
