import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { Sandbox } from "sandlot";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { connect, type Connection, daemonPid, deleting } from "../harness.ts";
import { processesWith } from "../processes.ts";
import { proves } from "../proves.ts";
import { waitForOutput } from "../texts.ts";
import { killDaemon } from "./kill-daemon.ts";

const run = promisify(execFile);

let connection: Connection & AsyncDisposable;

beforeAll(async () => {
  connection = await connect("daemon");
});

afterAll(async () => {
  await connection[Symbol.asyncDispose]();
});

/** Serves one archive. The first request is answered by half and then held, until `release`. */
async function slowArchive() {
  const archive = join(connection.home, "..", `archive-${process.pid}.tgz`);
  await writeFile(`${archive}.txt`, "from the archive");
  await run("tar", ["-czf", archive, "-C", join(archive, ".."), `archive-${process.pid}.tgz.txt`]);
  const bytes = await readFile(archive);
  const asked = Promise.withResolvers<void>();
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.setHeader("content-length", bytes.length);
    if (requests > 1) return response.end(bytes);
    response.write(bytes.subarray(0, bytes.length / 2), () => asked.resolve());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/archive.tgz`,
    asked: asked.promise,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      await Promise.all([rm(archive), rm(`${archive}.txt`)]);
    },
  };
}

// A command that says when it is asked to end, and takes its time.
const SLOW_TO_END =
  "trap 'echo ending; sleep 1; exit' TERM; echo ready; while :; do sleep 0.02; done";

describe("a daemon that is killed", () => {
  proves("FLT-001")("during create leaves the name usable, and nothing half-made", async () => {
    await using archive = await slowArchive();
    const name = "killed-during-create";
    const source = { type: "tarball" as const, url: archive.url };
    const creating = Sandbox.create({ name, source }).catch((error: unknown) => error);
    await archive.asked;
    await killDaemon(connection);
    await creating;
    // The client asks again, so it may be there by now; if not, it can be made.
    await using sandbox = deleting(await Sandbox.getOrCreate({ name, source, resume: true }));
    const files = await sandbox.fs.readdir(".");
    expect(files).toHaveLength(1);
    expect(String(await sandbox.readFileToBuffer({ path: files[0] ?? "" }))).toBe(
      "from the archive",
    );
    const listed = await (await Sandbox.list({ sortBy: "name", namePrefix: name })).toArray();
    expect(listed.map(({ status }) => status)).toEqual(["running"]);
    expect((await sandbox.listSessions()).sessions).toHaveLength(1);
  });

  proves("FLT-002", "FLT-012")(
    "during a command leaves it running and loses none of its output",
    async () => {
      await using sandbox = await connection.create();
      const command = await sandbox.runCommand({
        cmd: "sh",
        args: ["-c", "i=0; until [ -e go ]; do echo $i; i=$((i+1)); sleep 0.01; done; exit 9"],
        detached: true,
      });
      await waitForOutput(command, "5\n");
      await killDaemon(connection);
      const found = await Sandbox.get({ name: sandbox.name });
      expect(found.currentSession().sessionId).toBe(sandbox.currentSession().sessionId);
      const adopted = await found.getCommand(command.cmdId);
      expect(adopted.exitCode).toBeNull();
      // Until it is seen to go on under the new daemon.
      const sofar = (await waitForOutput(adopted, "5\n")).trim().split("\n").length;
      await waitForOutput(adopted, `\n${sofar + 20}\n`);
      await sandbox.writeFiles([{ path: "go", content: "" }]);
      const finished = await adopted.wait();
      expect(finished.exitCode).toBe(9);
      const lines = (await finished.stdout()).trimEnd().split("\n");
      expect(lines.findIndex((line, index) => line !== String(index))).toBe(-1);
    },
  );

  proves("FLT-002")("during a command's end still tells its exit code", async () => {
    await using sandbox = await connection.create();
    const command = await sandbox.runCommand({
      cmd: "sh",
      args: [
        "-c",
        'while kill -0 "$0" 2> /dev/null; do sleep 0.01; done; echo alone; exit 11',
        String(await daemonPid(connection.settings)),
      ],
      detached: true,
    });
    await killDaemon(connection);
    const adopted = await (await Sandbox.get({ name: sandbox.name })).getCommand(command.cmdId);
    const finished = await adopted.wait();
    expect(finished.exitCode).toBe(11);
    expect(await finished.stdout()).toBe("alone\n");
  });

  proves("FLT-003")("during a stop finishes it, with every file", async () => {
    const mark = randomUUID();
    await using sandbox = await connection.create();
    await sandbox.writeFiles([{ path: "kept.txt", content: "kept" }]);
    const command = await sandbox.runCommand({
      cmd: "sh",
      args: ["-c", SLOW_TO_END, mark],
      detached: true,
    });
    await waitForOutput(command, "ready\n");
    const ending = waitForOutput(command, "ending\n");
    const stopping = sandbox
      .currentSession()
      .stop()
      .catch(() => undefined);
    await ending;
    await killDaemon(connection);
    await stopping;
    const found = await Sandbox.get({ name: sandbox.name });
    expect(found.status).toBe("stopped");
    expect(found.currentSnapshotId).toMatch(/^snap_/);
    expect(String(await found.readFileToBuffer({ path: "kept.txt" }))).toBe("kept");
    expect((await found.listSnapshots()).snapshots).toHaveLength(1);
    expect(await processesWith(found, mark)).toEqual([]);
  });

  proves("FLT-004")(
    "while it halts a sandbox for a snapshot finishes that or leaves it out",
    async () => {
      await using sandbox = await connection.create();
      await sandbox.writeFiles([{ path: "kept.txt", content: "kept" }]);
      const args = ["-c", SLOW_TO_END];
      const command = await sandbox.runCommand({ cmd: "sh", args, detached: true });
      await waitForOutput(command, "ready\n");
      const ending = waitForOutput(command, "ending\n");
      const making = sandbox
        .currentSession()
        .snapshot()
        .catch(() => undefined);
      await ending;
      await killDaemon(connection);
      await making;
      await expectUsable(sandbox.name, "kept.txt");
    },
  );

  proves("FLT-004")(
    "while it writes a snapshot's files finishes that or leaves it out",
    async () => {
      await using sandbox = await connection.create();
      await sandbox.writeFiles([
        { path: "kept.txt", content: "kept" },
        ...Array.from({ length: 2_000 }, (_, index) => ({ path: `many/${index}`, content: "x" })),
      ]);
      const folder = join(connection.home, "isolation");
      expect(existsSync(folder)).toBe(true);
      const watcher = watch(folder, { recursive: true });
      const changed = once(watcher, "change");
      const making = sandbox
        .currentSession()
        .snapshot()
        .catch(() => undefined);
      await changed;
      watcher.close();
      await killDaemon(connection);
      await making;
      await expectUsable(sandbox.name, "kept.txt");
    },
  );

  proves("FLT-012")("forgets neither ports nor deadlines", async () => {
    await using sandbox = await connection.create({ ports: [3_000] });
    await using brief = await connection.create({ timeout: 4_000 });
    const lasting = await brief.runCommand({ cmd: "sleep", args: ["600"], detached: true });
    const url = sandbox.domain(3_000);
    const script =
      "require('http').createServer((q, a) => a.end('still here'))" +
      ".listen(process.env.PORT, () => console.log('listening'))";
    const server = await sandbox.runCommand({ cmd: "node", args: ["-e", script], detached: true });
    await waitForOutput(server, "listening");
    await killDaemon(connection);
    const found = await Sandbox.get({ name: sandbox.name });
    expect(found.domain(3_000)).toBe(url);
    expect(await (await fetch(url)).text()).toBe("still here");
    expect(found.expiresAt).toEqual(sandbox.expiresAt);
    // The end of its only process is the event that tells of the deadline, which may pass while
    // there is no daemon.
    const left = await Sandbox.get({ name: brief.name });
    const ended = await (await left.getCommand(lasting.cmdId)).wait();
    expect(ended.exitCode).toBeGreaterThan(128);
    expect(Date.now()).toBeGreaterThanOrEqual(brief.expiresAt?.getTime() ?? Infinity);
  });
});

async function expectUsable(name: string, path: string): Promise<void> {
  const found = await Sandbox.get({ name, resume: true });
  expect(found.status).toBe("running");
  expect(String(await found.readFileToBuffer({ path }))).toBe("kept");
  const snapshots = await (await found.listSnapshots()).toArray();
  expect(snapshots.length).toBeLessThanOrEqual(1);
  for (const { status, id } of snapshots) {
    expect(status).toBe("created");
    await using heir = deleting(
      await Sandbox.create({ source: { type: "snapshot", snapshotId: id } }),
    );
    expect(String(await heir.readFileToBuffer({ path }))).toBe("kept");
  }
}
