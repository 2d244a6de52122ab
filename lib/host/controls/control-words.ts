import * as z from "zod";

// What tests say to an engine, and hear from it. Requests are strict; answers are read as they come.

/** 90 days: beyond it, files of the sandboxes' own tools would be younger than the machine. */
const LONGEST_ADVANCE_MS = 90 * 24 * 60 * 60 * 1_000;
const LONGEST_DELAY_MS = 10 * 60 * 1_000;

const FaceName = z.enum(["vercel", "e2b", "daytona"]);

/** What happens to a request instead of, before or after its answer. */
const FaultAction = z.discriminatedUnion("kind", [
  /** An error in the vendor's own shape; the engine is not asked. */
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(400).max(599),
    message: z.string().max(1_000).default("A test asked for this error."),
    headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string().max(1_000)).default({}),
  }),
  /** Milliseconds before the engine is asked. */
  z.strictObject({ kind: z.literal("delay"), delayMs: z.int().min(1).max(LONGEST_DELAY_MS) }),
  /** The answer's body breaks off after so many bytes, as if the connection were lost. A WebSocket is closed. */
  z.strictObject({ kind: z.literal("cut"), afterBytes: z.int().min(0) }),
]);
export type FaultAction = z.output<typeof FaultAction>;

/** Which requests are met, and what happens to them. What is left out matches all. */
export const FaultRule = z.strictObject({
  face: FaceName.optional(),
  method: z
    .string()
    .regex(/^[A-Za-z]+$/)
    .toUpperCase()
    .optional(),
  /**
   * The path without the face's prefix and without a query. `*` stands for anything within one part of the path,
   * `**` for anything.
   */
  path: z.string().startsWith("/").max(500).optional(),
  /** The name or id of a sandbox that the request names. */
  sandbox: z.string().min(1).optional(),
  /** Only the n-th of the requests that match, counted from 1. Absent: every one. */
  nth: z.int().min(1).optional(),
  action: FaultAction,
});
export type FaultRule = z.output<typeof FaultRule>;
export type FaultRuleInput = z.input<typeof FaultRule>;

/** A rule that holds, and what it has met. */
export const ActiveFault = z.object({
  id: z.string(),
  rule: FaultRule,
  /** How many requests it matched, and to how many of them it did something. */
  matched: z.int(),
  applied: z.int(),
});
export type ActiveFault = z.output<typeof ActiveFault>;
export const FaultList = z.object({ faults: z.array(ActiveFault) });

/** One request to a face. It holds no query, header or body: they may be secrets. */
export const LoggedRequest = z.object({
  /** Counts up from 1. */
  number: z.int(),
  /** When it came, by the machine's own clock. */
  at: z.number(),
  face: FaceName,
  method: z.string(),
  path: z.string(),
  /** 101: a WebSocket. 499: the caller left before there was an answer. */
  status: z.int(),
  /** Until the answer began. */
  durationMs: z.number(),
  /** The name of the sandbox that the request names. */
  sandbox: z.string().optional(),
  /** The faults that were done to it. */
  faults: z.array(z.string()).optional(),
});
export type LoggedRequest = z.output<typeof LoggedRequest>;
export const RequestList = z.object({ requests: z.array(LoggedRequest) });

export const AdvanceRequest = z.strictObject({ ms: z.int().min(1).max(LONGEST_ADVANCE_MS) });
export const ExpireRequest = z.strictObject({ sandbox: z.string().min(1) });

/** The engine's time in milliseconds since the epoch, and by how much it is ahead of the machine's. */
export const ClockAnswer = z.object({ now: z.number(), aheadMs: z.number() });
export type ClockAnswer = z.output<typeof ClockAnswer>;

/** Where they are asked for. */
export const CONTROLS_PATH = "/sandlot/test";
