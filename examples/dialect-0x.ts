// A program as it was written for @vercel/sandbox 0.x: ids instead of names, and
// the error class from a file deep inside the package.
import assert from "node:assert/strict";
import { Sandbox } from "sandlot";
import { APIError } from "sandlot/dist/api-client/api-error";

const created = await Sandbox.create({ runtime: "node22", ports: [3000], timeout: 60_000 });
const { sandboxId } = created;
assert.equal(typeof sandboxId, "string");

// Another process would know the id alone.
const sandbox = await Sandbox.get({ sandboxId });
assert.equal(sandbox.sandboxId, sandboxId);
assert.equal(sandbox.status, "running");

await sandbox.mkDir("src");
await sandbox.writeFiles([{ path: "src/answer.txt", content: Buffer.from("42\n") }]);

const command = await sandbox.runCommand({ cmd: "cat", args: ["src/answer.txt"], detached: true });
let output = "";
for await (const { data } of command.logs()) output += data;
const finished = await command.wait();
assert.equal(finished.exitCode, 0);
assert.equal(output, "42\n");
assert.match(sandbox.domain(3000), /^https?:\/\//);

await sandbox.stop();

await assert.rejects(
  () => Sandbox.get({ sandboxId: "no-such-sandbox" }),
  (error) => error instanceof APIError && error.response.status === 404,
);

await sandbox.delete();
console.log(`${sandboxId}: the old dialect is understood`);
