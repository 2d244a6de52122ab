import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../../engine/ports.ts";
import { systemCode } from "../../process-faults.ts";
import { readRecord } from "../../state-folders.ts";
import { RootRecord } from "../roots/root-record.ts";
import { NO_RECORDERS } from "../session/absent-parts.ts";
import { canBeEntered, haltSession } from "../session/halt-session.ts";
import type { SessionInit } from "../session/raise-session.ts";

/** A session's first process that runs though its engine is gone. */
export interface LeftSession {
  sessionId: string;
  init: SessionInit;
  /** Whether root inside is this user: then whoever is he, with no range of ids, can take it over. */
  isOwn: boolean;
}

/** Where the folders of sessions that run are: below the directory, by patterns of the shell's. */
export interface SessionPlaces {
  directory: string;
  /** Of names without spaces, relative to the directory; each ends with `*`. */
  patterns: readonly string[];
}

/** The sessions that run of those that are in the places. */
export async function sessionsOf({ directory, patterns }: SessionPlaces): Promise<LeftSession[]> {
  const found: LeftSession[] = [];
  const folders = patterns.map((pattern) => expanded(directory, pattern.split("/")));
  for (const folder of (await Promise.all(folders)).flat()) {
    const record = await readRecord(join(folder, "root.json"), RootRecord);
    // One on its way out has left its namespaces, and goes by itself.
    if (!record?.init || !canBeEntered(record.init)) continue;
    const isOwn = (await rootOf(record.init.pid)) === process.geteuid?.();
    found.push({ sessionId: record.sessionId, init: record.init, isOwn });
  }
  return found;
}

async function expanded(directory: string, [name, ...rest]: readonly string[]): Promise<string[]> {
  if (name === undefined) return [directory];
  const names = name === "*" ? await readdir(directory).catch(none) : [name];
  const below = names.map((each) => expanded(join(directory, each), rest));
  return (await Promise.all(below)).flat();
}

function none(error: unknown): string[] {
  if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
  throw error;
}

/** The id of ours that is root in the process's user namespace. */
async function rootOf(pid: number): Promise<number | undefined> {
  const map = await readFile(`/proc/${pid}/uid_map`, "utf8").catch(() => ""); // It has just ended.
  const [, id] = /^\s*0\s+(\d+)\s/m.exec(map) ?? [];
  return id === undefined ? undefined : Number(id);
}

/**
 * Ends sessions of an outer namespace that nobody holds any more: nothing leads into it, so that no engine could
 * serve them. Their files are kept.
 */
export async function endLostSessions(sessions: readonly LeftSession[], log: Log): Promise<void> {
  for (const { sessionId, init } of sessions) {
    log.warn("a session was ended: the process that held its user namespace is gone", {
      sessionId,
    });
    // From outside, the user has every right over what is in namespaces of his own. Its recorders end
    // by themselves when what they record does.
    await haltSession({ sessionId, init, recorders: NO_RECORDERS }, { graceMs: 0 });
  }
}
