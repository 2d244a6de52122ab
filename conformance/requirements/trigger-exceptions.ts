import type { RequirementId } from "../requirements.ts";

/** A requirement that does not hold for a sandbox in a Trigger.dev run. Its tests must fail, and in just this way. */
export interface TriggerException {
  reason: string;
  /** The error's code in the API's answer; absent where a comparison fails. */
  code?: string;
  /** A part of what the error says, where it is neither an answer nor a comparison. */
  says?: string;
  /** Its tests are not run: they hold at times, by chance, or fail each in a way of its own. */
  leftOut?: true;
  /** Titles of its tests that hold all the same. */
  holds?: readonly string[];
}

const UNSUPPORTED = { code: "unsupported" } as const;
const DRIVES = "a drive is shared by sandboxes, and each of them has an engine of its own";
const TERMINALS = "a terminal is a connection, and nothing leads into a run";
const FORKS = "a snapshot is where its sandbox is, and another sandbox has another engine";

const drive: TriggerException = { reason: DRIVES, ...UNSUPPORTED };
const terminal: TriggerException = { reason: TERMINALS, ...UNSUPPORTED };
const fork: TriggerException = { reason: FORKS, ...UNSUPPORTED };
const foreignSnapshot: TriggerException = { reason: FORKS, code: "snapshot_not_found" };

export const TRIGGER_EXCEPTIONS: Partial<Record<RequirementId, TriggerException>> = {
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
    holds: ["build a cloud's URL of a route, which tells the local one"],
  },
};
