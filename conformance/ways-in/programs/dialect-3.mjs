// A program as people write it for @vercel/sandbox 3.x. It knows nothing of Sandlot.
import assert from "node:assert/strict";
import { APIError, Sandbox, Snapshot } from "@vercel/sandbox";

export async function main() {
  const sandbox = await Sandbox.create({
    ports: [3000],
    timeout: 120_000,
    tags: { by: "program" },
  });
  try {
    await sandbox.writeFiles([
      {
        path: "server.mjs",
        content: `
          import { createServer } from "node:http";
          createServer((request, response) => response.end("hello from " + request.url))
            .listen(process.env.PORT ?? 3000, () => console.log("ready"));`,
      },
      { path: "data/input.txt", content: Buffer.from("3\n1\n2\n") },
    ]);
    const sorted = await sandbox.runCommand("sort", ["data/input.txt"]);
    assert.equal(sorted.exitCode, 0);
    assert.equal(await sorted.stdout(), "1\n2\n3\n");

    const server = await sandbox.runCommand({ cmd: "node", args: ["server.mjs"], detached: true });
    for await (const { data } of server.logs()) if (data.includes("ready")) break;
    const response = await fetch(`${sandbox.domain(3000)}/page`);
    assert.equal(await response.text(), "hello from /page");
    await server.kill();
    assert.equal((await server.wait()).exitCode, 143);

    await sandbox.stop();
    const found = await Sandbox.get({ name: sandbox.name });
    assert.equal(found.status, "stopped");
    assert.equal(await found.fs.readFile("data/input.txt", "utf8"), "3\n1\n2\n");
    const snapshot = await found.snapshot();
    assert.equal((await Snapshot.get({ snapshotId: snapshot.snapshotId })).status, "created");
    const listed = await Sandbox.list({ tags: { by: "program" } });
    assert.ok(listed.sandboxes.some(({ name }) => name === sandbox.name));
  } finally {
    await sandbox.delete({ deleteOrphanSnapshots: true });
  }
  await assert.rejects(
    () => Sandbox.get({ name: sandbox.name }),
    (error) => error instanceof APIError && error.response.status === 404,
  );
  return "a program for 3.x has done its work";
}
