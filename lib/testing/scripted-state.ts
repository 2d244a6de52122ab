import { SandboxError } from "../contract/errors.ts";
import type { Command } from "../contract/command.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Drive } from "../contract/drive.ts";
import type { Page, PageRequest } from "../contract/page.ts";
import type { Route, Sandbox, Session } from "../contract/sandbox.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import type { SandboxView } from "../engine/engine.ts";
import { ScriptedFileTree } from "./scripted-file-tree.ts";

/** What a scripted engine holds: plain records, nothing on disk. */
export class ScriptedState {
  readonly sandboxes = new Map<string, Sandbox>();
  readonly sessions = new Map<string, Session>();
  readonly commands = new Map<string, Command>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly drives = new Map<string, Drive>();
  /** Files, by session or drive. */
  readonly #trees = new Map<string, ScriptedFileTree>();
  /** The time; each look at it moves it by `step`. */
  time = Date.UTC(2026, 0, 1);
  step = 1_000;
  #ids = 0;

  now(): number {
    this.time += this.step;
    return this.time;
  }

  id(prefix: string): string {
    this.#ids += 1;
    return `${prefix}_${String(this.#ids).padStart(4, "0")}`;
  }

  /** The files of a session or a drive, by its id. */
  tree(id: string): ScriptedFileTree {
    const known = this.#trees.get(id);
    if (known) return known;
    const tree = new ScriptedFileTree(() => this.time);
    const session = this.sessions.get(id);
    if (session) for (const path of ["/tmp", session.cwd]) tree.makeAll(path);
    this.#trees.set(id, tree);
    return tree;
  }

  sandbox(name: string): Sandbox {
    const sandbox = this.sandboxes.get(name);
    if (sandbox) return sandbox;
    throw new SandboxError("sandbox_not_found", `There is no sandbox named ${name}.`);
  }

  session(id: string): Session {
    const session = this.sessions.get(id);
    if (session) return session;
    throw new SandboxError("session_not_found", `There is no session ${id}.`);
  }

  running(id: string): Session {
    const session = this.session(id);
    if (session.status === "running") return session;
    const sandbox = this.sandboxes.get(session.sandboxName);
    if (sandbox?.status === "paused" && sandbox.currentSessionId === id) {
      throw new SandboxError("sandbox_paused", `Sandbox ${sandbox.name} is paused.`);
    }
    throw new SandboxError("sandbox_stopped", `Session ${id} is ${session.status}.`);
  }

  view(sandbox: Sandbox): SandboxView {
    const session = this.session(sandbox.currentSessionId);
    return { sandbox, session, routes: this.routes(sandbox) };
  }

  routes(sandbox: Sandbox): Route[] {
    return sandbox.ports.map((port) => ({
      port,
      hostPort: port + 10_000,
      url: `http://localhost:${port + 10_000}`,
    }));
  }

  /** Everything, for comparing before with after. */
  dump(): unknown {
    const { sandboxes, sessions, commands, snapshots, drives } = this;
    const files = new Map([...this.#trees].map(([id, tree]) => [id, tree.contents()]));
    return structuredClone({ sandboxes, sessions, commands, snapshots, drives, files });
  }
}

/** Throws `sandbox_timeout_invalid` for a life that is longer than the engine allows. */
export function requireTimeout(timeoutMs: number): void {
  if (timeoutMs <= LIMITS.longestTimeoutMs) return;
  throw new SandboxError("sandbox_timeout_invalid", `A session may not live ${timeoutMs} ms.`);
}

/** One page by creation (or another field), with a cursor that only this function makes. */
export function pageOf<Item extends object>(
  items: Iterable<Item>,
  { limit, cursor, sortOrder, sortBy }: PageRequest & { sortBy: keyof Item },
): Page<Item> {
  const direction = sortOrder === "asc" ? 1 : -1;
  const sorted = [...items].sort((a, b) => direction * compare(a[sortBy], b[sortBy]));
  const start = cursor === undefined ? 0 : Number(/^at-(\d+)$/.exec(cursor)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) {
    throw new SandboxError("invalid_request", "cursor: this is no cursor of this list.");
  }
  const page = sorted.slice(start, start + limit);
  const end = start + page.length;
  return { items: page, ...(end < sorted.length && { next: `at-${end}` }) };
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}
