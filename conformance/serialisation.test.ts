import { Command, Drive, Sandbox, Snapshot } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport } from "./harness.ts";
import { proves } from "./proves.ts";

const SERIALIZE = Symbol.for("workflow-serialize");
const DESERIALIZE = Symbol.for("workflow-deserialize");

/** The object as a workflow keeps it between two steps: as JSON. */
function throughStorage<T extends object>(ours: object, instance: T): T {
  const serialize = Reflect.get(ours, SERIALIZE) as (value: T) => unknown;
  const deserialize = Reflect.get(ours, DESERIALIZE) as (data: unknown) => T;
  return deserialize.call(ours, JSON.parse(JSON.stringify(serialize.call(ours, instance))));
}

forEachTransport((connection) => {
  describe("out of storage", () => {
    proves("SER-001")("a sandbox works", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      await sandbox.writeFiles([{ path: "file.txt", content: "before" }]);
      const stored = throughStorage<Sandbox>(Sandbox, sandbox);
      expect(stored).toBeInstanceOf(Sandbox);
      expect(stored.name).toBe(sandbox.name);
      expect(stored.domain(3_000)).toBe(sandbox.domain(3_000));
      const result = await stored.runCommand("cat", ["file.txt"]);
      expect(await result.stdout()).toBe("before");
      await stored.stop();
      expect(String(await stored.readFileToBuffer({ path: "file.txt" }))).toBe("before");
    });

    proves("SER-002")("a command has its log", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({ cmd: "echo", args: ["stored"], detached: true });
      await command.wait();
      const stored = throughStorage<Command>(Command, command);
      expect(stored.cmdId).toBe(command.cmdId);
      expect(await (await stored.wait()).stdout()).toBe("stored\n");
    });

    proves("SER-003")("a snapshot and a drive tell the same", async () => {
      await using sandbox = await connection().create();
      const snapshot = await sandbox.snapshot();
      const stored = throughStorage<Snapshot>(Snapshot, snapshot);
      expect(stored.snapshotId).toBe(snapshot.snapshotId);
      await stored.delete();
      expect((await Snapshot.get({ snapshotId: snapshot.snapshotId })).status).toBe("deleted");
      const drive = await Drive.getOrCreate({ name: `stored-${connection().transport}` });
      const storedDrive = throughStorage<Drive>(Drive, drive);
      expect(storedDrive.driveId).toBe(drive.driveId);
      await storedDrive.delete();
    });
  });
});
