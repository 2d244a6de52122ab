import * as z from "zod";

/** What the preview shows, and why. */
export const PreviewState = z.object({
  /**
   * `none`: there is no sandbox yet. `stopped`: it is stopped, or its server is. `starting`: the sandbox or a command
   * starts. `waiting`: a command runs, and nothing listens yet. `up`: `url` answers. `crashed`: the server
   * ended by itself; see `exitCode` and `lastLines`.
   */
  phase: z.enum(["none", "stopped", "starting", "waiting", "up", "crashed"]),
  /** Where the app is for the iframe and a new tab: an origin of its own. Stays while the studio runs. */
  url: z.string().optional(),
  /** The sandbox's port that it leads to. */
  port: z.int().optional(),
  /** The command that serves it. */
  cmdId: z.string().optional(),
  exitCode: z.int().nullable().optional(),
  lastLines: z.array(z.string()).optional(),
  /** Grows when what is shown has become old: load it anew. Absent before the first look. */
  revision: z.int().optional(),
  /** A sentence for the user. */
  message: z.string(),
});
export type PreviewState = z.output<typeof PreviewState>;

/** The type that each message of a previewed page has in the window that shows it. */
export const PREVIEW_MESSAGE = "sandlot-preview";

/** What the previewed page tells the window that shows it, by `postMessage`. Check `event.origin` against the preview's. */
export const PreviewMessage = z.discriminatedUnion("kind", [
  z.object({
    type: z.literal(PREVIEW_MESSAGE),
    kind: z.literal("error"),
    message: z.string(),
    detail: z.string().optional(),
    location: z.string().optional(),
  }),
  /** The page's address changed: the path to show in the address bar. */
  z.object({ type: z.literal(PREVIEW_MESSAGE), kind: z.literal("location"), path: z.string() }),
  z.object({ type: z.literal(PREVIEW_MESSAGE), kind: z.literal("ready"), path: z.string() }),
  /** The key that walks between the studio's areas was pressed in the page. */
  z.object({ type: z.literal(PREVIEW_MESSAGE), kind: z.literal("leave"), backwards: z.boolean() }),
]);
export type PreviewMessage = z.output<typeof PreviewMessage>;
