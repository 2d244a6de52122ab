// Output arrives while the command runs; whoever comes later gets all of it from
// the start, even after the sandbox has stopped.
import assert from "node:assert/strict";
import { Sandbox } from "sandlot";

// Waits for a line on its stdin's file, so that the example decides when it goes on.
const worker = `
const { existsSync, watch } = require("node:fs");
console.log("step 1");
console.error("a warning");
const goOn = () => {
  if (!existsSync("go-on")) return;
  console.log("step 2: größer, 大きい");
  process.exit(7);
};
watch(".", goOn);
goOn();
`;

const sandbox = await Sandbox.create({ persistent: false });
try {
  await sandbox.writeFiles([{ path: "worker.js", content: worker }]);
  const command = await sandbox.runCommand({ cmd: "node", args: ["worker.js"], detached: true });

  const live: string[] = [];
  for await (const { stream, data } of command.logs()) {
    live.push(data);
    process.stdout.write(`${stream}: ${data}`);
    // The first line was read while the command was still running: only now may it go on.
    if (live.join("").includes("warning")) {
      await sandbox.writeFiles([{ path: "go-on", content: "" }]);
    }
  }

  const finished = await command.wait();
  assert.equal(finished.exitCode, 7);
  assert.match(live.join(""), /step 1\n/);
  assert.match(live.join(""), /step 2: größer, 大きい\n$/);

  await sandbox.stop();
  const again: string[] = [];
  for await (const { data } of command.logs()) again.push(data);
  assert.equal(again.join(""), live.join(""), "the log is whole after the stop");
  console.log("read live, then again after the stop");
} finally {
  await sandbox.delete();
}
