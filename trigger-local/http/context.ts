import type { Engine } from "../engine/engine.ts";
import type { Presence } from "../engine/presence.ts";
import type { Keys } from "./keys.ts";
import type { Packets } from "./packets.ts";

/** What the routes work on. */
export interface Platform {
  engine: Engine;
  presence: Presence;
  keys: Keys;
  packets: Packets;
  /** Where callers reach the platform, such as `http://127.0.0.1:4711`. */
  url: () => string;
  /** Aborted when the platform ends, so that nothing waits any longer. */
  ending: AbortSignal;
}
