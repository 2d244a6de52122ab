// A program as people wrote it for @vercel/sandbox 0.0.17. It knows nothing of Sandlot.
import assert from "node:assert/strict";
import { Sandbox } from "@vercel/sandbox";
import { APIError } from "@vercel/sandbox/dist/api-client/api-error.js";

export async function main() {
  const created = await Sandbox.create({
    runtime: "node22",
    ports: [3000],
    timeout: 120_000,
    resources: { vcpus: 2 },
  });
  const sandbox = await Sandbox.get({ sandboxId: created.sandboxId });
  assert.equal(sandbox.sandboxId, created.sandboxId);
  assert.equal(sandbox.status, "running");

  await sandbox.mkDir("src");
  await sandbox.writeFiles([
    {
      path: "src/server.js",
      content: Buffer.from(`
        require("node:http")
          .createServer((request, response) => response.end("hello from " + request.url))
          .listen(process.env.PORT || 3000, () => console.log("ready"));`),
    },
  ]);
  const failing = await sandbox.runCommand("sh", ["-c", "echo no >&2; exit 3"]);
  assert.equal(failing.exitCode, 3);
  assert.equal(await failing.stderr(), "no\n");

  const server = await sandbox.runCommand({
    cmd: "node",
    args: ["src/server.js"],
    env: { SOME: "thing" },
    detached: true,
  });
  for await (const { data } of server.logs()) if (data.includes("ready")) break;
  assert.equal((await sandbox.getCommand(server.cmdId)).cmdId, server.cmdId);
  const response = await fetch(`${sandbox.domain(3000)}/page`);
  assert.equal(await response.text(), "hello from /page");

  const chunks = [];
  for await (const chunk of await sandbox.readFile({ path: "src/server.js" })) chunks.push(chunk);
  assert.match(Buffer.concat(chunks).toString(), /createServer/);
  assert.equal(await sandbox.readFile({ path: "missing.txt" }), null);

  await sandbox.stop();
  await assert.rejects(
    () => Sandbox.get({ sandboxId: "sbx_nobody" }),
    (error) => error instanceof APIError && error.response.status === 404,
  );
  return "a program for 0.0.17 has done its work";
}
