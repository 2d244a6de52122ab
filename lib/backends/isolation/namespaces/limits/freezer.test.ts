import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { newId } from "../../../../std/ids.ts";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { findHierarchies } from "../machine/control-groups.ts";
import { freezerOf } from "./freezer.ts";
import { removeGroups } from "./remove-group.ts";
import { directoriesOf, type SessionGroup } from "./session-group.ts";

const read = (file: string) => readFile(file, "utf8").catch(() => "");
const hierarchies = findHierarchies(
  await read("/proc/self/mountinfo"),
  await read("/proc/self/cgroup"),
);

interface Place {
  group: SessionGroup;
  /** Where it is frozen, with version 1. */
  separate?: string;
}

function placeOf(version: 1 | 2): Place | undefined {
  const name = `sandlot-test-${newId("sbx")}`;
  const of = (controller: string) =>
    hierarchies.find(({ controllers }) => controllers.includes(controller))?.own;
  const [unified, pids, freezer] = [
    hierarchies.find((each) => each.version === 2)?.own,
    of("pids"),
    of("freezer"),
  ];
  if (version === 2) {
    if (unified === undefined) return undefined;
    return { group: { version, directory: join(unified, name), controllers: [] } };
  }
  if (pids === undefined || freezer === undefined) return undefined;
  return {
    group: { version, directories: { pids: join(pids, name) } },
    separate: join(freezer, name),
  };
}

function canMake(place: Place | undefined): place is Place {
  const [directory] = place ? directoriesOf(place.group) : [];
  try {
    if (directory === undefined) return false;
    mkdirSync(directory);
    const isComplete = place?.group.version === 1 || existsSync(join(directory, "cgroup.freeze"));
    rmdirSync(directory);
    return isComplete;
  } catch {
    return false; // Not this user's to change.
  }
}

/** A program in the group that starts others all the time, each of which leaves a sign. */
function startBreeding(place: Place, sign: string): ChildProcess {
  const joined = directoriesOf(place.group)
    .map((directory) => `echo 0 > ${directory}/cgroup.procs`)
    .join("; ");
  const line = `${joined}; while :; do (echo x >> ${sign}; sleep 0.005) & wait; done`;
  return spawn("/bin/sh", ["-c", line], { stdio: "ignore" });
}

for (const version of [1, 2] as const) {
  const place = placeOf(version);
  describe.skipIf(!canMake(place))(
    `control groups of version ${version} (where this user may make some)`,
    () => {
      test("stop all that is in them, and let it go on, and what is frozen can be ended", async () => {
        if (!place) throw new Error("there is no place");
        await using directory = await temporaryDirectory();
        const sign = join(directory.path, "sign");
        for (const each of directoriesOf(place.group)) mkdirSync(each);
        writeFileSync(sign, "");
        const freezer = freezerOf(place.group, place.separate);
        if (!freezer) throw new Error("there is no freezer");
        freezer.thaw();
        const breeding = startBreeding(place, sign);
        const ended = once(breeding, "exit");
        const length = async () => (await read(sign)).length;
        const expectGrowing = async () => {
          const before = await length();
          await expect.poll(length, { timeout: 10_000 }).toBeGreaterThan(before);
        };
        await expectGrowing();
        for (let round = 0; round < 3; round += 1) {
          await freezer.freeze();
          const frozen = await length();
          await delay(60);
          expect(await length()).toBe(frozen);
          freezer.thaw();
          await expectGrowing();
        }
        await freezer.freeze();
        const groups = [...(place.separate ? [place.separate] : []), ...directoriesOf(place.group)];
        expect(await removeGroups(groups)).toBe(true);
        await ended;
        expect(groups.filter((each) => existsSync(each))).toEqual([]);
      });
    },
  );
}
