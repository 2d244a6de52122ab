import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { namespaceHolder } from "../../../../testing/namespace-holder.ts";
import {
  callingProgram,
  ORDINARY_USER,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../../../testing/ordinary-user.ts";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { chooseIdMap } from "./id-map.ts";
import { inspectMachine } from "./inspect-machine.ts";
import type { Machine } from "./machine.ts";

const MODULE = new URL("inspect-machine.ts", import.meta.url);
const noUser = whyNoOrdinaryUser();
const notRoot = process.geteuid?.() === 0 ? undefined : "only root can make it so";
const because = (reason: string | undefined) =>
  reason === undefined ? "" : ` (skipped: ${reason})`;

describe.skipIf(process.platform !== "linux")("inspectMachine", () => {
  test("finds by trying what there is, and leaves nothing behind", async () => {
    await using directory = await temporaryDirectory();
    const machine = await inspectMachine({ directory: directory.path });
    expect(await readdir(directory.path)).toEqual([]);
    for (const offer of offersOf(machine)) {
      if (!offer.offered) {
        expect(offer).toMatchObject({ reason: expect.any(String), advice: expect.any(String) });
      }
    }
    // Plain data, which can be shown and sent.
    expect(JSON.parse(JSON.stringify(machine))).toEqual(machine);
    expect(await childrenCount()).toBe(0);
  });

  test.skipIf(notRoot)(
    `gives root a range without the host's root${because(notRoot)}`,
    async () => {
      await using directory = await temporaryDirectory();
      const machine = await inspectMachine({ directory: directory.path });
      expect(machine.namespaces).toEqual({ offered: true });
      expect(machine.overlay).toEqual({ offered: true });
      expect(chooseIdMap(machine)).toMatchObject({ kind: "range" });
    },
  );

  test.skipIf(noUser)(`an ordinary user's machine is another${because(noUser)}`, async () => {
    await using directory = await temporaryDirectory();
    await chown(directory.path, ORDINARY_USER.uid, ORDINARY_USER.gid);
    const machine = parse(
      await runAsOrdinaryUser(
        callingProgram(MODULE, "inspectMachine", { directory: directory.path }),
      ),
    );
    expect(machine.user).toEqual(ORDINARY_USER);
    expect(machine.namespaces).toEqual({ offered: true });
    expect(machine.overlay).toEqual({ offered: true });
    expect(machine.ids).toMatchObject({ offered: false, advice: expect.stringMatching(/^sudo /) });
    expect(chooseIdMap(machine)).toEqual({ kind: "single", ...ORDINARY_USER });
    expect(await readdir(directory.path)).toEqual([]);
  });

  test.skipIf(noUser)(`tells of namespaces that are switched off${because(noUser)}`, async () => {
    await using directory = await temporaryDirectory();
    await chown(directory.path, ORDINARY_USER.uid, ORDINARY_USER.gid);
    const call = callingProgram(MODULE, "inspectMachine", { directory: directory.path });
    const off = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
    const machine = parse(
      await runAsOrdinaryUser([
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        off,
        "sh",
        ...call,
      ]),
    );
    expect(machine.namespaces).toEqual({
      offered: false,
      reason: "This machine allows no namespaces (user.max_user_namespaces is 0).",
      advice: expect.stringContaining("user.max_user_namespaces = "),
    });
    expect(machine.overlay).toMatchObject({ offered: false, reason: "It needs namespaces." });
    // Its only id is the user's, but it is called root: whoever looks no further would map the host's.
    expect(() => chooseIdMap(machine)).toThrowError(
      expect.objectContaining({ code: "isolation_unavailable" }),
    );
    expect(await readdir(directory.path)).toEqual([]);
  });

  test.skipIf(noUser)(
    `root of a container gets a part of the container's ids${because(noUser)}`,
    async () => {
      await using container = await namespaceHolder();
      await using directory = await temporaryDirectory();
      await chown(directory.path, 1_900_000_000, 1_900_000_000);
      const call = callingProgram(MODULE, "inspectMachine", { directory: directory.path });
      const enter = [
        "--target",
        String(container.pid),
        "--user",
        ...container.enterArguments,
        "--",
      ];
      const child = spawn("nsenter", [...enter, ...call], {
        cwd: "/",
        stdio: ["ignore", "pipe", "inherit"],
      });
      const stdout = (await child.stdout.toArray()).join("");
      const machine = parse({ stdout });
      expect(machine.namespaces).toEqual({ offered: true });
      expect(machine.ids).toEqual({
        offered: true,
        map: { kind: "range", base: 32_768, count: 32_768 },
      });
      expect(machine.cgroups).toMatchObject({ offered: false });
      expect(await readdir(directory.path)).toEqual([]);
    },
  );

  test("says so when the programs are not there", async () => {
    await using directory = await temporaryDirectory();
    const call = callingProgram(MODULE, "inspectMachine", { directory: directory.path });
    // Its own mounts hide the one program that everything begins with.
    const hide = 'mount --bind /dev/null "$(command -v unshare)" && exec "$@"';
    const child = spawn(
      "unshare",
      ["--user", "--map-root-user", "--mount", "sh", "-c", hide, "sh", ...call],
      { cwd: "/", stdio: ["ignore", "pipe", "inherit"] },
    );
    const stdout = (await child.stdout.toArray()).join("");
    if (child.exitCode === null) await once(child, "exit");
    const machine = parse({ stdout });
    expect(machine.programs).toEqual({
      offered: false,
      reason: "unshare of util-linux is missing.",
      advice: expect.stringMatching(/^sudo apt-get install -y util-linux/),
    });
    expect(machine.namespaces).toEqual(machine.programs);
  });
});

function offersOf(machine: Machine) {
  const { programs, namespaces, ids, overlay, processLimit, cgroups, network } = machine;
  return [programs, namespaces, ids, overlay, processLimit, cgroups, network];
}

function parse({ stdout, stderr = "" }: { stdout: string; stderr?: string }): Machine {
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout) as Machine;
}

async function childrenCount(): Promise<number> {
  const child = spawn("ps", ["--no-headers", "-o", "pid", "--ppid", String(process.pid)]);
  const pids = (await child.stdout.toArray()).join("").trim().split(/\s+/);
  return pids.filter((pid) => pid !== String(child.pid)).length;
}
