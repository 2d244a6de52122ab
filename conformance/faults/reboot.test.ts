import { setTimeout } from "node:timers/promises";
import { Sandbox } from "sandlot";
import { expect } from "vitest";
import { connect, deleting } from "../harness.ts";
import { proves } from "../proves.ts";
import { killDaemon } from "./kill-daemon.ts";
import { brand } from "./leaks.ts";

const onlyOnLinux = process.platform === "linux";
if (onlyOnLinux) {
  proves("FLT-015")("a machine that starts anew finds its sandboxes with their files", startAnew);
}

async function startAnew(): Promise<void> {
  const mark = brand();
  const before = new Set(mark.processes().map(({ pid }) => pid));
  await using connection = await connect("daemon");
  const name = "before-the-reboot";
  await using sandbox = deleting(await Sandbox.create({ name, ports: [3000] }));
  const url = sandbox.domain(3000);
  await sandbox.runCommand("sh", ["-c", "echo kept >f"]);
  const session = sandbox.currentSession();
  const running = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
  await killDaemon(connection);
  // Nothing that came of it is left, as when the power was gone.
  const left = () => mark.processes().filter(({ pid }) => !before.has(pid));
  while (left().length > 0) {
    for (const { pid } of left()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
    // Nobody is told of the end of somebody else's child.
    await setTimeout(20);
  }
  const again = await Sandbox.get({ name });
  expect(await (await again.runCommand("cat", ["f"])).stdout()).toBe("kept\n");
  expect(again.status).toBe("running");
  expect(again.domain(3000)).toBe(url);
  // It is known from the session that it was of, as ended.
  expect((await session.getCommand(running.cmdId)).exitCode).not.toBeNull();
}
