import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Controller } from "../machine/machine.ts";
import type { SessionUsage } from "./limiter.ts";

/** A session's control groups: with version 1 one per controller, else one for all. */
export const SessionGroup = z.discriminatedUnion("version", [
  z.object({
    version: z.literal(1),
    directories: z.object({
      memory: z.string().optional(),
      cpu: z.string().optional(),
      cpuacct: z.string().optional(),
      pids: z.string().optional(),
    }),
  }),
  z.object({
    version: z.literal(2),
    directory: z.string(),
    controllers: z.array(z.enum(["memory", "cpu", "cpuacct", "pids"])),
  }),
]);
export type SessionGroup = z.output<typeof SessionGroup>;

/** Each directory once: two controllers may be mounted together. */
export function directoriesOf(group: SessionGroup): string[] {
  if (group.version === 2) return [group.directory];
  return [...new Set(Object.values(group.directories))].filter((each) => each !== undefined);
}

/** Where a controller's files are; undefined where it is not to be had. */
export function directoryOf(group: SessionGroup, controller: Controller): string | undefined {
  if (group.version === 1) return group.directories[controller];
  return group.controllers.includes(controller) ? group.directory : undefined;
}

/**
 * With version 1 by `tasks`, which a shell may write since it has one thread: the kernel then need not
 * keep all processes of the machine from starting threads, which takes it 8 to 20 ms.
 */
export function joinFilesOf(group: SessionGroup): string[] {
  const name = group.version === 1 ? "tasks" : "cgroup.procs";
  return directoriesOf(group).map((directory) => join(directory, name));
}

/** What is not counted here, or no more, is left out. */
export async function usageOf(group: SessionGroup): Promise<SessionUsage> {
  const memory = directoryOf(group, "memory");
  const names = group.version === 1 ? SEPARATE : UNIFIED;
  const [cpuMs, current, peak, stat] = await Promise.all([
    cpuMsOf(group),
    read(memory, names.current),
    read(memory, names.peak),
    read(memory, "memory.stat"),
  ]);
  // The kernel keeps files in memory for as long as nobody else needs it.
  const kept = Number(field(stat, names.kept) ?? 0);
  const bytes = scaled(current, 1);
  const peakBytes = scaled(peak, 1);
  return {
    ...(cpuMs !== undefined && { cpuMs }),
    ...(bytes !== undefined && {
      memoryBytes: Math.max(0, bytes - kept),
      memoryCacheBytes: Math.min(bytes, kept),
    }),
    ...(peakBytes !== undefined && { memoryPeakBytes: peakBytes }),
  };
}

async function cpuMsOf(group: SessionGroup): Promise<number | undefined> {
  if (group.version === 1)
    return scaled(await read(group.directories.cpuacct, "cpuacct.usage"), 1e-6);
  // Every group counts, with and without the controller.
  return scaled(field(await read(group.directory, "cpu.stat"), "usage_usec"), 1e-3);
}

const SEPARATE = {
  current: "memory.usage_in_bytes",
  peak: "memory.max_usage_in_bytes",
  kept: "total_inactive_file",
};
const UNIFIED = {
  current: "memory.current",
  peak: "memory.peak",
  kept: "inactive_file",
};

/** 0 where the kernel does not tell. */
export async function oomKillsOf(group: SessionGroup): Promise<number> {
  const file = group.version === 1 ? "memory.oom_control" : "memory.events";
  return Number(field(await read(directoryOf(group, "memory"), file), "oom_kill") ?? 0);
}

async function read(directory: string | undefined, name: string): Promise<string | undefined> {
  if (directory === undefined) return undefined;
  return readFile(join(directory, name), "utf8").catch(() => undefined); // An older kernel, or a group that is gone.
}

/** The number beside a name, in a text of lines of both. */
function field(text: string | undefined, name: string): string | undefined {
  return new RegExp(`^${name} (\\d+)$`, "m").exec(text ?? "")?.[1];
}

function scaled(text: string | undefined, factor: number): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim())
    ? Math.round(Number(text) * factor)
    : undefined;
}
