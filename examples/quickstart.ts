// The smallest program: a sandbox, a file, a command, its output.
import assert from "node:assert/strict";
import { Sandbox } from "sandlot";

const sandbox = await Sandbox.create({ persistent: false });
try {
  await sandbox.writeFiles([
    { path: "greet.js", content: "console.log(`Hello, ${process.argv[2]}!`);" },
  ]);

  const greeting = await sandbox.runCommand("node", ["greet.js", "sandbox"]);
  assert.equal(greeting.exitCode, 0, await greeting.stderr());
  assert.equal(await greeting.stdout(), "Hello, sandbox!\n");

  const failing = await sandbox.runCommand("sh", ["-c", "echo no >&2; exit 3"]);
  assert.equal(failing.exitCode, 3, "a command that fails is a result, not an exception");
  assert.equal(await failing.stderr(), "no\n");

  console.log(`${sandbox.name} says: ${(await greeting.stdout()).trim()}`);
} finally {
  await sandbox.delete();
}
