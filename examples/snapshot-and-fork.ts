// Work that took long is done once and kept: snapshots, forks, and a sandbox that
// finds its files again after it was stopped.
import assert from "node:assert/strict";
import { Sandbox, Snapshot } from "sandlot";

const read = async (sandbox: Sandbox) =>
  (await sandbox.readFileToBuffer({ path: "state.txt" }))?.toString();

const made: Sandbox[] = [];
const keep = (sandbox: Sandbox) => {
  made.push(sandbox);
  return sandbox;
};

try {
  const base = keep(await Sandbox.create({ tags: { example: "snapshot-and-fork" } }));
  await base.writeFiles([{ path: "state.txt", content: "prepared" }]);

  // A snapshot stops the sandbox and keeps its files.
  const snapshot = await base.snapshot();
  assert.equal(snapshot.status, "created");

  const copy = keep(
    await Sandbox.create({ source: { type: "snapshot", snapshotId: snapshot.snapshotId } }),
  );
  assert.equal(await read(copy), "prepared");
  await copy.writeFiles([{ path: "state.txt", content: "changed in the copy" }]);

  // The next call on the stopped sandbox starts it again, with its files as they were.
  assert.equal(await read(base), "prepared");

  // A fork starts from the sandbox's last snapshot: stopping makes one.
  await copy.stop();
  const fork = keep(await Sandbox.fork({ sourceSandbox: copy.name }));
  assert.equal(await read(fork), "changed in the copy");

  const kept = await Snapshot.get({ snapshotId: snapshot.snapshotId });
  console.log(`${kept.snapshotId}: ${kept.sizeBytes} bytes, ${made.length} sandboxes came of it`);
} finally {
  for (const sandbox of made) await sandbox.delete({ deleteOrphanSnapshots: true });
}
