import * as z from "zod";
import { Name } from "./name.ts";
import { Sandbox, Session } from "./sandbox.ts";

// HTTP as records: how a call to an engine travels where there is a log of records each way and no
// connection, such as a Trigger.dev Session. Frames of one sender arrive in order.

const Id = z.string().min(1).max(64);
/** Bytes, as base64: what the logs carry is text. Both ends are ours, and looking at each sign takes long. */
const Data = z.string();
const Headers = z.array(z.tuple([z.string(), z.string()]));

const Chunk = z.object({
  kind: z.literal("chunk"),
  id: Id,
  data: Data,
  /** Nothing follows. */
  end: z.boolean(),
});

/** How many bytes of a body were taken in, so that as many more may be sent. */
const Credit = z.object({ kind: z.literal("credit"), id: Id, bytes: z.int().positive() });

/** What a caller says about one of its requests. */
export const CallerFrame = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("request"),
    id: Id,
    method: z.string(),
    /** With its query, such as `/vercel/v2/sandboxes?limit=1`. */
    path: z.string(),
    headers: Headers,
    /** Whether chunks follow. */
    hasBody: z.boolean(),
  }),
  Chunk,
  Credit,
  /** Nobody waits for the answer any more. */
  z.object({ kind: z.literal("leave"), id: Id }),
  /** Whether the request is being answered: there has been nothing to hear for a while. */
  z.object({ kind: z.literal("ask"), id: Id }),
]);
export type CallerFrame = z.infer<typeof CallerFrame>;

/** What the engine's side says about a request. */
export const HostFrame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("head"), id: Id, status: z.int(), headers: Headers }),
  Chunk,
  Credit,
  /** It is being answered: there is nothing to tell yet. */
  z.object({ kind: z.literal("answering"), id: Id }),
  /** This host takes nothing any more; what it was not heard of, it has not seen. */
  z.object({ kind: z.literal("closed") }),
  /** The answer, or the rest of it, does not come. */
  z.object({ kind: z.literal("failure"), id: Id, code: z.string(), message: z.string() }),
]);
export type HostFrame = z.infer<typeof HostFrame>;
/** One that is about a request. */
export type AnswerFrame = Exclude<HostFrame, { kind: "closed" }>;

/**
 * One record of a caller's. `to` names the host's run that it is meant for: a later run, which reads the
 * same log again, does not carry out what an earlier one was asked for.
 */
export const CallerRecord = z.object({
  kind: z.literal("sandlot"),
  /** Of the caller's library: another one's records may mean something else. */
  protocol: z.int(),
  to: z.string(),
  /** Also the name of the log on which this caller reads its answers. */
  from: Id,
  /** Counts this caller's records from 0, so that one that comes twice is known. */
  number: z.int().nonnegative(),
  frames: z.array(CallerFrame),
});
export type CallerRecord = z.infer<typeof CallerRecord>;

/** One record of a host's to one caller. */
export const HostRecord = z.object({
  number: z.int().nonnegative(),
  frames: z.array(HostFrame),
});
export type HostRecord = z.infer<typeof HostRecord>;

/** The numbers that bound what is under way. */
export const CARRIER_LIMITS = {
  /** Bytes of a body in one frame: small enough that a record of 1 MiB (Trigger.dev's limit) holds two. */
  chunkBytes: 256 * 1024,
  /** Characters of JSON in one record, below the limit of 1 MiB with room for what it is wrapped in. */
  recordCharacters: 900 * 1024,
  /** Bytes of one body that may be on their way, sent and not yet taken in. */
  windowBytes: 2 * 1024 * 1024,
} as const;

/**
 * What a host tells of its sandbox to those who do not ask it: lists, and whoever finds it gone. It is kept
 * where the run's owner can read it, so it holds no environment variable.
 */
export const HostedSandbox = z.object({
  kind: z.literal("sandlot"),
  /** `lost`: its disk went with the run that held it, and nothing of it was kept. */
  state: z.enum(["running", "stopped", "lost"]),
  // A host of a library that knew no ids yet may have told of it.
  sandbox: Sandbox.extend({ id: Sandbox.shape.id.default("") }),
  session: Session,
  /** The ids of its snapshots, the newest first. */
  snapshotIds: z.array(z.string()),
});
export type HostedSandbox = z.infer<typeof HostedSandbox>;

/** By what a sandbox inside a Trigger.dev run is found. */
export const SANDBOX_HOST = {
  taskId: "sandbox-host",
  queue: "sandbox-host",
  /** The type of the Sessions that stand for sandboxes. */
  sessionType: "sandlot-sandbox",
  /** What the Session of the sandbox of that name is called. */
  sessionName: (name: string) => `sandlot-${name}`,
  /** How the stream of a host's run is called on which that caller reads its answers. */
  answers: (caller: string) => `sandlot-${caller}`,
} as const;

/** What a host's run is given; the platform adds to it. */
export const HostPayload = z.object({
  sandboxName: Name,
  /** The Session's own id, from the platform. */
  sessionId: z.string(),
  /** Set by the platform on every run of a Session but its first. */
  continuation: z.boolean().optional(),
});
export type HostPayload = z.infer<typeof HostPayload>;
