import type { RequirementId } from "../requirements.ts";

const DRIVES = "a drive is shared by sandboxes, and each of them has an engine of its own";
const TERMINALS = "a terminal is a connection, and nothing leads into a run";
const FORKS = "a snapshot is where its sandbox is, and another sandbox has another engine";

/** What does not hold for a sandbox in a Trigger.dev run, and why not. The answer is `unsupported`, or that there is no such snapshot. */
export const TRIGGER_EXCEPTIONS: Partial<Record<RequirementId, string>> = {
  "DRV-001": DRIVES,
  "DRV-002": DRIVES,
  "DRV-004": DRIVES,
  "DRV-005": DRIVES,
  "DRV-006": DRIVES,
  "DRV-009": DRIVES,
  "DRV-012": DRIVES,
  "SER-003": DRIVES,
  "INT-001": TERMINALS,
  "INT-004": TERMINALS,
  "INT-006": TERMINALS,
  "INT-008": TERMINALS,
  "SBX-055": FORKS,
  "SBX-056": FORKS,
  "SBX-058": FORKS,
  "SBX-059": FORKS,
  "SBX-060": FORKS,
  "SBX-017": FORKS,
  "SNP-011": FORKS,
  "SNP-015": FORKS,
  "SBX-052": "a deleted sandbox has no host that could keep its snapshots",
  "API-021": "the vendor's tour makes a fork and a drive",
};
