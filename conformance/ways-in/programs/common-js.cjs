// A CommonJS program for @vercel/sandbox 3.x. It knows nothing of Sandlot.
const assert = require("node:assert/strict");
const { Sandbox } = require("@vercel/sandbox");

async function main() {
  const sandbox = await Sandbox.create({ ports: [3000], persistent: false });
  try {
    const result = await sandbox.runCommand("echo", ["hello"]);
    assert.equal(await result.stdout(), "hello\n");
    const response = await fetch(sandbox.domain(3000));
    assert.equal(response.status, 502);
    assert.match(sandbox.domain(3000), /^http:\/\/(localhost|127\.0\.0\.1)/);
  } finally {
    await sandbox.delete();
  }
  return "a CommonJS program has done its work";
}

module.exports = { main };
