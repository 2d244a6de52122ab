import * as z from "zod";

// What an engine's process says of itself, under /sandlot. Read loosely, for the other side may be newer.

/** The handshake. Its fields are for ever: every version must understand every other's. */
export const VersionAnswer = z.object({
  name: z.literal("sandlot"),
  version: z.string(),
  protocol: z.int(),
  pid: z.int(),
  home: z.string(),
  /** The name of the isolation backend. */
  isolation: z.string(),
});
export type VersionAnswer = z.output<typeof VersionAnswer>;

const Feature = z.union([
  z.object({ offered: z.literal(true) }),
  z.object({ offered: z.literal(false), reason: z.string() }),
]);

export const StatusAnswer = VersionAnswer.extend({
  kind: z.enum(["daemon", "embedded"]),
  startedAt: z.int(),
  /** What the isolation backend offers and what not, with the reason. */
  features: z.record(z.string(), Feature),
  /** Whether anything runs that keeps a daemon from its idle exit. */
  busy: z.boolean(),
  shells: z.int(),
  /** Requests that are being answered, this one not counted. */
  requests: z.int(),
  memoryBytes: z.int(),
  idleMs: z.int().optional(),
  socketPath: z.string().optional(),
  /** Where it also listens by TCP. */
  url: z.string().optional(),
});
export type StatusAnswer = z.output<typeof StatusAnswer>;

/** What POST /sandlot/listen takes. */
export const ListenRequest = z.object({
  /** Also by TLS, at a name for each port of each sandbox. */
  names: z.boolean().default(false),
});
export type ListenRequest = z.input<typeof ListenRequest>;

/** Where the daemon listens by TCP. */
export const ListenAnswer = z.object({
  url: z.string(),
  /** The names' domain with its port, and the file of the certificate that programs have to trust. */
  names: z.object({ domain: z.string(), certificate: z.string() }).optional(),
});
export type ListenAnswer = z.output<typeof ListenAnswer>;

export const ShutdownRequest = z.object({
  /** Only if nothing runs and nobody else is being answered. */
  ifIdle: z.boolean().default(false),
  /** Stops every sandbox first; otherwise commands go on, and the next daemon takes them over. */
  stopSandboxes: z.boolean().default(false),
});
export type ShutdownRequest = z.input<typeof ShutdownRequest>;

/** Ends the name of an answer's header that says: this was not looked at, ask the next daemon. */
export const ENDING_HEADER = "sandlot-ending";
