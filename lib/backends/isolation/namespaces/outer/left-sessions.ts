import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../../engine/ports.ts";
import { systemCode } from "../../process-faults.ts";
import { readRecord } from "../../state-folders.ts";
import { RootRecord } from "../roots/root-record.ts";
import { haltSession, isInitAlive } from "../session/halt-session.ts";
import type { SessionInit } from "../session/raise-session.ts";

/** A session's first process that runs though its engine is gone. */
export interface LeftSession {
  sessionId: string;
  init: SessionInit;
  /** Whether root inside is this user: then whoever is he, with no range of ids, can take it over. */
  isOwn: boolean;
}

/** The sessions that run of those whose folders are in the directory. */
export async function sessionsOf(rootsDirectory: string): Promise<LeftSession[]> {
  const folders = await readdir(rootsDirectory).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const found: LeftSession[] = [];
  for (const folder of folders) {
    const record = await readRecord(join(rootsDirectory, folder, "root.json"), RootRecord);
    if (!record?.init || !isInitAlive(record.init)) continue;
    const isOwn = (await rootOf(record.init.pid)) === process.geteuid?.();
    found.push({ sessionId: record.sessionId, init: record.init, isOwn });
  }
  return found;
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
    // From outside, the user has every right over what is in namespaces of his own.
    await haltSession({ sessionId, init, recorders: NONE }, { graceMs: 0 });
  }
}

/** They end by themselves when what they record does. */
const NONE = { pids: new Set<number>(), allEnded: async () => undefined, close: () => undefined };
