import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { processIsolation } from "../backends/isolation/process/process-isolation.ts";
import { newId } from "../std/ids.ts";
import { prepareRequest } from "./prepare-request.ts";

// An engine's process, as far as isolation goes: starts one command per shell line that it is given,
// prints how to find them again, and then holds on until it is killed, or ends if it was told to let go.

const [directory = "", afterwards = "hold", ...lines] = process.argv.slice(2);
const isolation = processIsolation({
  directory: join(directory, "isolation"),
  baseEnv: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
});
const sessionId = newId("sbx");
const root = await isolation.prepare(prepareRequest({ sessionId, sandboxName: "held" }));
const commands = [];
for (const line of lines) {
  const commandId = newId("cmd");
  const logs = join(directory, "commands", commandId);
  await mkdir(logs, { recursive: true });
  const { handle } = await root.start({
    commandId,
    cmd: "sh",
    args: ["-c", line],
    env: {},
    cwd: "/vercel/sandbox",
    sudo: false,
    stdin: false,
    directory: logs,
  });
  commands.push({ handle, directory: logs });
}
console.log(JSON.stringify({ root: root.handle, commands }));
if (afterwards === "let-go") isolation[Symbol.dispose]();
else setInterval(() => undefined, 1_000_000);
