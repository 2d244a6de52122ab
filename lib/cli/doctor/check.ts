/**
 * One thing that was looked at. `fail`: Sandlot cannot work; `warn`: something is weaker or missing;
 * `info`: a fact that changes nothing today.
 */
export interface Check {
  name: string;
  level: "ok" | "info" | "warn" | "fail";
  /** What was found. */
  detail: string;
  /** What to do about it. */
  advice?: string;
}
