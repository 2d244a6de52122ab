import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "sandlot";
import { sharedTransport, stateFolder, stopDaemon } from "sandlot/host";
import { describe, expect } from "vitest";
import { connect, rejection, TRANSPORTS } from "../harness.ts";
import { proves } from "../proves.ts";

for (const transport of TRANSPORTS) {
  describe(`${transport}: a state file that is damaged`, () => {
    proves("FLT-010")("is a clear error, and nothing is deleted", async () => {
      await using connection = await connect(transport);
      const { database } = stateFolder(connection.home);
      const sandbox = await Sandbox.create();
      await sandbox.writeFiles([{ path: "precious.txt", content: "precious" }]);
      await sandbox.stop();
      await sharedTransport(connection.settings).close();
      await stopDaemon(connection.settings);
      const good = readFileSync(database);
      const others = allFiles(connection.home).filter((path) => !path.startsWith("state.db"));
      // The header is whole; what it leads to is not.
      const damaged = Buffer.concat([
        good.subarray(0, 200),
        randomBytes(Math.max(4_096, good.length - 200)),
      ]);
      writeFileSync(database, damaged);

      const refused = await rejection(Sandbox.get({ name: sandbox.name }));
      const told = [refused, refused.cause].map((error) => String(error)).join("\n");
      expect(told).toContain(database);
      expect(told).toMatch(/corrupt|damaged|malformed|not a database/i);
      expect(readFileSync(database).equals(damaged)).toBe(true);
      expect(allFiles(connection.home)).toEqual(expect.arrayContaining(others));

      // With the file as it was, everything is there again.
      for (const suffix of ["-wal", "-shm"]) await rm(`${database}${suffix}`, { force: true });
      writeFileSync(database, good);
      const found = await Sandbox.get({ name: sandbox.name });
      expect(String(await found.readFileToBuffer({ path: "precious.txt" }))).toBe("precious");
    });
  });
}

function allFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(log|lock|sock)$|engine\.json$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}

/** A file system of a few megabytes; undefined where this user cannot mount one. */
async function smallDisk(
  megabytes: number,
): Promise<(AsyncDisposable & { path: string; grow: (megabytes: number) => void }) | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const path = await mkdtemp(join(tmpdir(), "sandlot-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path], {
      stdio: "pipe",
    });
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    grow: (to) => void execFileSync("mount", ["-o", `remount,size=${to}m`, path]),
    async [Symbol.asyncDispose]() {
      execFileSync("umount", ["--lazy", path]);
      await rm(path, { recursive: true });
    },
  };
}

const probe = await smallDisk(1);
await probe?.[Symbol.asyncDispose]();

const why = probe ? "" : " (not here: only root can mount a small disk, on Linux)";
for (const transport of TRANSPORTS) {
  describe.skipIf(!probe)(`${transport}: a disk that is full${why}`, () => {
    proves("FLT-005")(
      "is told, loses nothing, and can be worked on when there is room",
      async () => {
        // A daemon keeps its programs there, too, which take a third of it.
        await using disk = await smallDisk(64);
        if (!disk) throw new Error("the second mount failed where the first did not");
        await using _connection = await connect(transport, { SANDLOT_HOME: disk.path });
        const sandbox = await Sandbox.create();
        await sandbox.writeFiles([{ path: "small.txt", content: "acknowledged" }]);

        const files = [{ path: "huge.bin", content: randomBytes(80 * 1024 * 1024) }];
        const refused = await rejection(sandbox.writeFiles(files));
        expect(refused.message).toMatch(/space|full|storage/i);
        expect(refused).toMatchObject({ response: { status: 507 } });
        expect(await sandbox.readFileToBuffer({ path: "huge.bin" })).toBeNull();

        // What a command writes fills it up, too; that ends the command's writing, not the engine.
        const filling = await sandbox.runCommand("sh", [
          "-c",
          "head -c 100000000 /dev/zero > fill.bin",
        ]);
        expect(filling.exitCode).not.toBe(0);
        expect(String(await sandbox.readFileToBuffer({ path: "small.txt" }))).toBe("acknowledged");
        // The next one has no room for its records: it is refused by that name, unless it finds some.
        const next = await sandbox.runCommand("true").catch((error: unknown) => error);
        const fate = next instanceof Error ? { response: { status: 507 } } : { exitCode: 0 };
        expect(next).toMatchObject(fate);

        const [huge] = readdirSync(disk.path, { recursive: true, withFileTypes: true }).filter(
          (entry) => entry.name === "fill.bin",
        );
        const path = join(huge?.parentPath ?? "", "fill.bin");
        expect(statSync(path).size).toBeGreaterThan(10_000_000);
        disk.grow(300);
        const after = await sandbox.runCommand("cat", ["small.txt"]);
        expect(await after.stdout()).toBe("acknowledged");
        await sandbox.stop();
        expect(String(await sandbox.readFileToBuffer({ path: "small.txt" }))).toBe("acknowledged");
        await sandbox.delete({ deleteOrphanSnapshots: true });
        expect(existsSync(path)).toBe(false);
      },
      { timeoutMs: 120_000 },
    );
  });
}
