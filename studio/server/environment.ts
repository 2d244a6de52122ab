import { readSettings } from "sandlot/host";

/** What the studio takes from the environment. */
export interface StudioEnvironment {
  /** The engine's state folder, which is the studio's, too. */
  home: string;
  /** Whether sandboxes live in the vendor's cloud instead of on this machine. */
  isCloud: boolean;
}

/** Reads it anew at each call. Throws the library's error when a variable holds what it must not. */
export function studioEnvironment(): StudioEnvironment {
  const { home, engine } = readSettings();
  return { home, isCloud: engine.kind === "vercel" };
}
