import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Sandbox, Snapshot } from "sandlot";
import { daemonStatus, stopDaemon } from "sandlot/host";
import { expect } from "vitest";
import { connect, type Connection, daemonPid } from "../harness.ts";
import { proves } from "../proves.ts";
import { CrashActor } from "./crash-actor.ts";
import { isRunning } from "./kill-daemon.ts";
import { brand, controlGroups, leftovers, listeningPorts, mountsWith } from "./leaks.ts";

// `FUZZ_RUNS=200` makes the long run; more would show no more.
const KILLS = Math.min(200, Number(process.env["FUZZ_RUNS"] ?? 20));
const ACTORS = 3;
const LONGEST_LIFE_MS = 1_500;
/** About as long as a daemon takes until it takes calls. */
const START_MS = 400;
/** How long what was killed may take to be gone. */
const END_LIMIT_MS = 10_000;

const onlyOnLinux = process.platform === "linux";
if (onlyOnLinux) {
  proves("FLT-014")(
    `a daemon that is killed ${KILLS} times at random points loses nothing, and nothing of it stays`,
    crashAgainAndAgain,
    { timeoutMs: 120_000 + KILLS * 10_000 },
  );
}

async function crashAgainAndAgain(): Promise<void> {
  const mark = brand();
  const before = new Set(mark.processes().map(({ pid }) => pid));
  const connection = await connect("daemon");
  const { home } = connection;
  const faults: string[] = [];
  const groups = new Set<string>();
  let kills = 0;
  try {
    const scene = {
      kills: () => kills,
      call: connection.call,
      fault: (message: string) => void faults.push(message),
    };
    const actors = Array.from({ length: ACTORS }, (_, index) => new CrashActor(scene, `a${index}`));
    let over = false;
    const playing = actors.map(async (actor) => {
      while (!over && faults.length === 0) await actor.act();
    });
    while (kills < KILLS && faults.length === 0) {
      const pid = await nextDaemon(home);
      // Each fourth one dies while it brings together what the last one left.
      if (randomInt(4) === 0) await setTimeout(randomInt(START_MS));
      else await lifeOf(pid, connection);
      for (const name of sessionsOf(home)) groups.add(name);
      // First the count: whoever is cut off by it must find that it grew.
      kills++;
      await killProcess(pid);
    }
    over = true;
    await Promise.all(playing);
    expect(faults).toEqual([]);
    for (const actor of actors) await actor.verify();
    const names = new Set(actors.flatMap((actor) => actor.names));
    const listed = await (await Sandbox.list({ limit: 100 })).toArray();
    expect(listed.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([]);
    report(kills, actors);
    expect(faults).toEqual([]);
    for (const name of sessionsOf(home)) groups.add(name);
    await deleteAll(connection);
    expect(listeningPorts(await daemonPid(connection.settings))).toEqual([]);
    // A running engine keeps things ready for the next call.
    await stopDaemon(connection.settings);
    expect(await leftovers(home)).toEqual([]);
  } finally {
    kills++;
    await connection[Symbol.asyncDispose]();
  }
  const left = () => mark.processes().filter(({ pid }) => !before.has(pid));
  // The end of somebody else's child is no event: what was killed a moment ago may still be on its way out.
  const giveUpAt = Date.now() + END_LIMIT_MS;
  while (left().length > 0 && Date.now() < giveUpAt) await setTimeout(20);
  expect(left()).toEqual([]);
  expect(mountsWith(home)).toEqual([]);
  expect(controlGroups(groups)).toEqual([]);
}

/** Who holds the state folder; waits until somebody does. */
async function nextDaemon(home: string): Promise<number> {
  while (true) {
    const pid = holderOf(home);
    if (pid !== undefined && (await isRunning(pid))) return pid;
    await setTimeout(2);
  }
}

/** Some time in which the daemon is at work: counted from when it takes calls, however busy the machine is. */
async function lifeOf(pid: number, { settings }: Connection): Promise<void> {
  while ((await daemonStatus(settings))?.pid !== pid) {
    if (!(await isRunning(pid))) return;
    await setTimeout(20);
  }
  await setTimeout(randomInt(LONGEST_LIFE_MS));
}

function holderOf(home: string): number | undefined {
  try {
    const holder = JSON.parse(readFileSync(join(home, "engine.json"), "utf8")) as { pid: number };
    return holder.pid;
  } catch {
    return undefined; // Nobody yet, or it is just being written.
  }
}

async function killProcess(pid: number): Promise<void> {
  if (await isRunning(pid)) process.kill(pid, "SIGKILL");
  while (await isRunning(pid)) await setTimeout(2);
}

/** The ids of sessions that have limits now, which their control groups are called by. */
function sessionsOf(home: string): string[] {
  try {
    const records = readdirSync(join(home, "isolation", "namespaces", "limits"));
    return records.map((name) => name.replace(/\.json$/, ""));
  } catch {
    return []; // Another isolation has none.
  }
}

async function deleteAll(connection: Connection): Promise<void> {
  for (const { name } of await (await Sandbox.list({ limit: 100 })).toArray()) {
    await (await Sandbox.get({ name })).delete();
  }
  for (const { id, status } of await (await Snapshot.list({ limit: 100 })).toArray()) {
    if (status === "created") await (await Snapshot.get({ snapshotId: id })).delete();
  }
  expect((await connection.call("/v2/sandboxes?limit=10")).status).toBe(200);
}

function report(kills: number, actors: CrashActor[]): void {
  const total: CrashActor["done"] = {};
  for (const { done } of actors) {
    for (const [kind, { acknowledged, cutOff }] of Object.entries(done)) {
      const sum = (total[kind] ??= { acknowledged: 0, cutOff: 0 });
      sum.acknowledged += acknowledged;
      sum.cutOff += cutOff;
    }
  }
  const parts = Object.entries(total).map(
    ([kind, sum]) => `${kind} ${sum.acknowledged}/${sum.cutOff}`,
  );
  process.stdout.write(`${kills} kills; acknowledged/cut off: ${parts.join(", ")}\n`);
}
