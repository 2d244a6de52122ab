import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Machine } from "../backends/isolation/namespaces/machine/machine.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { describeMachine, inspectMachine } from "./inspect-machine.ts";

const LACK = { offered: false, reason: "It is not there.", advice: "sudo get it" } as const;
const FULL: Machine = {
  kernel: "6.18.1",
  user: { uid: 0, gid: 0 },
  programs: { offered: true, version: "2.38.1" },
  namespaces: { offered: true },
  ids: { offered: true, map: { kind: "range", base: 1_900_000_000, count: 65_536 } },
  overlay: { offered: true },
  processLimit: { offered: true },
  cgroups: {
    offered: true,
    groups: { version: 1, controllers: { memory: "/m", cpu: "/c", pids: "/p" } },
  },
  network: { offered: true, ip: "6.1.0" },
  networkHelpers: ["pasta"],
};
const names = (machine: Machine) => describeMachine(machine).map(({ name }) => name);
const find = (machine: Machine, name: string) =>
  describeMachine(machine).find((part) => part.name === name);

test("a machine that has it all lacks only a limit of the disk", () => {
  const parts = describeMachine(FULL);
  expect(parts.filter(({ offered }) => !offered).map(({ name }) => name)).toEqual(["disk limit"]);
  expect(find(FULL, "id range")?.detail).toContain("65536 ids from 1900000000");
  expect(find(FULL, "cgroups")?.detail).toBe(
    "version 1: limits of memory, processor time, processes",
  );
});

test("what cannot be had is told with what would add it", () => {
  for (const [name, lacking] of [
    ["namespaces", { namespaces: LACK }],
    ["overlay", { overlay: LACK }],
    ["cgroups", { cgroups: LACK }],
    ["network", { network: LACK }],
    ["process limit", { processLimit: LACK }],
  ] as const) {
    expect(find({ ...FULL, ...lacking }, name)).toMatchObject({
      offered: false,
      detail: "It is not there.",
      advice: "sudo get it",
    });
  }
});

test("where there are no namespaces, nothing is said of what would be in them", () => {
  expect(names({ ...FULL, namespaces: LACK, overlay: LACK })).toEqual([
    "util-linux",
    "namespaces",
    "id range",
    "cgroups",
  ]);
});

test("controllers that are missing are named", () => {
  const groups = {
    version: 2 as const,
    directory: "/d",
    controllers: ["memory" as const, "pids" as const],
    occupied: false,
  };
  expect(find({ ...FULL, cgroups: { offered: true, groups } }, "cgroups")?.detail).toBe(
    "version 2: limits of memory, processes; not of processor time",
  );
});

test("a limit of processes matters less where groups count them, too", () => {
  expect(find({ ...FULL, processLimit: LACK }, "process limit")?.worth).toBe("extra");
  expect(find({ ...FULL, processLimit: LACK, cgroups: LACK }, "process limit")?.worth).toBe(
    "wanted",
  );
});

test("an ordinary user's range is the daemon's, and without one everybody is one user", () => {
  const user = { uid: 1_000, gid: 1_000 };
  const map = { kind: "subid", ...user, subuid: 100_000, subgid: 100_000, count: 65_535 } as const;
  expect(find({ ...FULL, user, ids: { offered: true, map } }, "id range")).toEqual({
    name: "id range",
    worth: "wanted",
    offered: true,
    detail: "65535 ids from 100000, used by the daemon: real users and sudo, and never you",
  });
  expect(find({ ...FULL, user, ids: LACK }, "id range")).toMatchObject({
    offered: false,
    detail:
      "everybody in a sandbox is one user of this machine's, whatever `id` shows: It is not there.",
    advice: "sudo get it",
  });
});

test("this machine is looked at without a trace", async () => {
  await using directory = await temporaryDirectory();
  const parts = await inspectMachine(directory.path);
  expect(parts.map(({ name }) => name)).toContain("namespaces");
  expect(await readdir(directory.path)).toEqual([]);
});
