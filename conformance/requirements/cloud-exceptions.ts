import type { RequirementId } from "../requirements.ts";
import type { Exception } from "./requirement.ts";

type Exceptions = Partial<Record<RequirementId, Exception>>;

const DRIVES = "the vendor's volumes are not drives";
const TERMINALS = "a terminal needs a connection that this way does not keep";
const USED = "the cloud tells no sums of what was used";
const ONE_SESSION = "a sandbox of a cloud has one session for all its life";
const SNAPSHOTS = "the cloud tells little of its snapshots, and keeps them until they are deleted";
const RULES = "the cloud has no word for such a rule";
const SOURCES = "a cloud's sandbox is made empty";
const RESOURCES = "processors and memory are those of the image";
const ORDER = "two streams are followed by two readers, and nobody knows which was first";
const STOPPED = "what a command wrote is in its sandbox, and that does not run";
const IMAGE = "the image is the cloud's own";
const UPDATES = "e2b keeps a sandbox's metadata as it was made";
const STATUS_TIME = "the cloud does not tell since when a sandbox has stood still";

const TOUR = "work from creation to deletion";

const refused = (reason: string): Exception => ({ reason, code: "unsupported" });
const compared = (reason: string): Exception => ({ reason });

/** On every cloud: what our engine has beyond what vendors sell. */
const EVERYWHERE: Exceptions = {
  "API-007": { reason: "the older call asks for a runtime", says: "TypeError" },
  "CMD-018": compared(ORDER),
  "CMD-043": { reason: "a command there belongs to no connection", says: "TypeError" },
  "CMD-045": { reason: STOPPED, code: "sandbox_stopped" },
  "CMD-048": { reason: STOPPED, code: "sandbox_stopped" },
  "CMD-031": { reason: ONE_SESSION, says: "it did not fail" },
  "DRV-001": refused(DRIVES),
  "DRV-002": compared(DRIVES),
  "DRV-004": refused(DRIVES),
  "DRV-005": refused(DRIVES),
  "DRV-006": refused(DRIVES),
  "DRV-009": refused(DRIVES),
  "DRV-012": refused(DRIVES),
  "SER-003": refused(DRIVES),
  "INT-001": refused(TERMINALS),
  "INT-004": refused(TERMINALS),
  "INT-006": refused(TERMINALS),
  "INT-008": refused(TERMINALS),
  "GST-003": compared(IMAGE),
  // Whatever a login shell finds there.
  "GST-006": { reason: IMAGE, leftOut: true },
  "NET-002": refused(RULES),
  "NET-004": refused(RULES),
  "NET-005": refused(RULES),
  "SBX-005": {
    ...refused(RESOURCES),
    holds: ["gives a running sandbox with the vendor's defaults"],
  },
  "SBX-015": refused(IMAGE),
  "SBX-019": refused(SOURCES),
  "SBX-020": refused(SOURCES),
  "SBX-021": refused(SOURCES),
  "SBX-022": refused(SOURCES),
  "SBX-027": compared(ONE_SESSION),
  "SBX-033": { reason: SNAPSHOTS, code: "not_found" },
  "SBX-042": compared(STATUS_TIME),
  "SBX-050": refused(SNAPSHOTS),
  "SBX-052": compared(SNAPSHOTS),
  "SBX-055": refused(RESOURCES),
  "SBX-056": refused(SNAPSHOTS),
  "SBX-060": compared(SNAPSHOTS),
  "SBX-065": compared(STATUS_TIME),
  "SBX-066": compared(USED),
  "SES-001": compared(ONE_SESSION),
  "SES-005": compared(ONE_SESSION),
  "SES-008": { reason: USED, says: "TypeError" },
  "SES-011": compared(ONE_SESSION),
  "SES-017": { reason: "so short a life may be over before a cloud has begun it", leftOut: true },
  "SNP-001": compared(SNAPSHOTS),
  "SNP-008": compared(SNAPSHOTS),
  "SNP-011": { reason: SNAPSHOTS, says: "TypeError" },
  "SNP-012": refused(SNAPSHOTS),
  "SNP-015": compared(SNAPSHOTS),
  "SNP-021": refused(SNAPSHOTS),
  "API-013": {
    reason: "a cloud does not hold up calls that meet a stop: they fail, or come too late to",
    leftOut: true,
  },
  "API-014": compared(ONE_SESSION),
  "API-021": { ...refused(DRIVES), holds: [TOUR] },
};

/** e2b's own. Ports have names there, which lead nowhere without its domain. */
const NO_NAMES: Exception = {
  reason: "a port's name is under the vendor's domain, which leads nowhere from here",
  says: "fetch failed",
};

const IDLE = "a sandbox there ends when it is idle, and there is no moment to extend";

/** What does not hold over a cloud. Its tests must fail, and in just this way. */
export const CLOUD_EXCEPTIONS: Record<"e2b" | "daytona", Exceptions> = {
  e2b: {
    ...EVERYWHERE,
    "SBX-044": refused(UPDATES),
    "SBX-045": refused(UPDATES),
    "SBX-046": refused(UPDATES),
    "SBX-047": refused(UPDATES),
    "SBX-048": refused(UPDATES),
    "API-022": NO_NAMES,
    "PRT-001": NO_NAMES,
    "PRT-002": NO_NAMES,
    "PRT-004": NO_NAMES,
    "PRT-005": NO_NAMES,
    "PRT-006": { ...NO_NAMES, says: "the socket failed" },
    "PRT-007": NO_NAMES,
    "PRT-008": NO_NAMES,
    "PRT-009": NO_NAMES,
    "PRT-010": NO_NAMES,
  },
  daytona: {
    ...EVERYWHERE,
    // Where a page is asked for, the URL's token becomes a cookie, and `fetch` keeps none.
    "PRT-004": compared("a signed URL leads a browser on, and nobody else"),
    "PRT-005": compared("a signed URL is another one each time"),
    "PRT-009": compared("what a signed URL led to stays, and lets nobody in"),
    "SBX-001": compared(RESOURCES),
    "SBX-044": refused(RESOURCES),
    "SBX-046": refused(IDLE),
    "SBX-048": refused("there is no private network"),
    "SES-008": compared(RESOURCES),
    "SES-014": refused(IDLE),
    "SNP-006": { reason: "what is not persistent is deleted when it stops", code: "not_found" },
    "CMD-037": {
      reason: "the vendor's SDK takes a large output apart byte by byte, and needs minutes for it",
      leftOut: true,
    },
  },
};
