import { daemonStatus, stopDaemon } from "../host/daemon-control.ts";
import { readSettings } from "../host/settings.ts";
import { Sandbox } from "../trigger-client/index.ts";

// A user's program, for tests that are somebody else: does one thing with sandboxes and prints what came of it.

const [what = "", name = "", script = ""] = process.argv.slice(2);
const settings = readSettings();

switch (what) {
  case "create":
    await Sandbox.create({ name });
    break;
  case "run": {
    const sandbox = await Sandbox.get({ name });
    const ran = await sandbox.runCommand({ cmd: "sh", args: ["-c", script] });
    process.stdout.write(`${await ran.output("both")}`);
    process.exitCode = ran.exitCode;
    break;
  }
  case "stop": {
    const sandbox = await Sandbox.get({ name });
    await sandbox.stop();
    break;
  }
  case "delete": {
    const sandbox = await Sandbox.get({ name });
    await sandbox.delete();
    break;
  }
  case "end":
    await stopDaemon(settings, { stopSandboxes: name === "all" });
    break;
  case "status":
    process.stdout.write(JSON.stringify(await daemonStatus(settings)));
    break;
  default:
    throw new Error(`"${what}" is nothing that it does.`);
}
