// The same program runs with any of ComputeSDK's providers; this one keeps its sandboxes on this machine.
import assert from "node:assert/strict";
import { sandlot } from "sandlot/computesdk";

const compute = sandlot({ timeout: 60_000 });
const sandbox = await compute.sandbox.create({ envs: { NAME: "ComputeSDK" } });
try {
  await sandbox.filesystem.writeFile("greet.sh", 'echo "Hello, $NAME!"\n');
  const lines: string[] = [];
  const greeting = await sandbox.runCommand("bash greet.sh", {
    onStdout: (data) => lines.push(data),
  });
  assert.equal(greeting.exitCode, 0, greeting.stderr);
  assert.equal(lines.join(""), "Hello, ComputeSDK!\n");

  const listed = await compute.sandbox.list();
  assert.ok(listed.some(({ sandboxId }) => sandboxId === sandbox.sandboxId));

  console.log(`${sandbox.sandboxId} says: ${lines.join("").trim()}`);
} finally {
  await sandbox.destroy();
}
assert.equal(await compute.sandbox.getById(sandbox.sandboxId), null);
