// Makes a sandbox with a running command, says so, and stays until somebody ends this process.
import { Sandbox } from "sandlot";

const [name = ""] = process.argv.slice(2);

const sandbox = await Sandbox.create({ name });
const command = await sandbox.runCommand({
  cmd: "sh",
  args: ["-c", "until [ -e go ]; do sleep 0.02; done; echo went on; exit 6"],
  detached: true,
});
console.log(command.cmdId);
setInterval(() => undefined, 1_000_000);
