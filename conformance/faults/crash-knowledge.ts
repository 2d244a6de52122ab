import { randomInt } from "node:crypto";

/** What somebody was told of a sandbox, and so what must be true of it for ever after. */
export interface Known {
  name: string;
  /** "maybe": its making or its deletion was cut off, and nobody knows how far it came. */
  exists: "yes" | "maybe";
  files: Map<string, Content>;
  commands: { id: string; sessionId: string; exitCode: number; output: string }[];
}

/** What a file may hold: what was acknowledged last, or as much as was written of what was cut off since. */
interface Content {
  acknowledged: string | null;
  cutOff: string[];
}

export function copied(files: Known["files"]): Known["files"] {
  return new Map([...files].map(([path, content]) => [path, { ...content }]));
}

export function pick<T>(all: readonly T[]): T | undefined {
  return all.length === 0 ? undefined : all[randomInt(all.length)];
}

export function unlessNotFound(error: unknown): undefined {
  if (error instanceof Error && "response" in error) {
    const { response } = error;
    if (response instanceof Response && response.status === 404) return;
  }
  throw error;
}

export function brief(text: string | null): string {
  return text === null ? "nothing" : `${text.length} bytes "${text.slice(0, 12)}"`;
}

export function explain(error: unknown): string {
  const reasons: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) reasons.push(at.message);
  const json = error instanceof Error && "json" in error ? JSON.stringify(error.json) : "";
  return `${reasons.join(": ")} ${json}`;
}
