import { tmpdir } from "node:os";
import { Sandbox } from "@vercel/sandbox";
import { runSandboxHost } from "../host/carrier/run-host.ts";
import { readSettings } from "../host/settings.ts";
import { carriedCaller } from "./carried-caller.ts";

// A run that holds a sandbox, as far as its process goes: makes a sandbox with a command that goes on, prints
// that command's pid and where folders lie, and holds on until it is killed, or ends it when its input ends.

const cancel = new AbortController();
let deliver: (record: unknown) => void = () => undefined;
const caller = carriedCaller("run_1", (record) => deliver(record));
const ready = Promise.withResolvers<void>();
const ended = runSandboxHost(
  {
    address: "run_1",
    previous: undefined,
    write: caller.write,
    tell: async () => undefined,
    deleted: async () => undefined,
    listen: async (receive) => {
      deliver = receive;
      return { [Symbol.asyncDispose]: async () => undefined };
    },
  },
  {
    name: "held",
    settings: readSettings(),
    signal: cancel.signal,
    ready: async () => ready.resolve(),
  },
);
ended.catch((error: unknown) => ready.reject(error));
await ready.promise;
const sandbox = await Sandbox.create({ ...caller.credentials, name: "held", timeout: 600_000 });
const command = await sandbox.runCommand({
  cmd: "sh",
  args: ["-c", "echo $$ > pid; echo kept > file; echo ready; sleep 1000 & wait"],
  detached: true,
});
for await (const { data } of command.logs()) if (data.includes("ready")) break;
const pid = Number(String(await sandbox.readFileToBuffer({ path: "pid" })));
console.log(JSON.stringify({ pid, folders: tmpdir() }));
process.stdin.once("end", () => cancel.abort(new Error("cancelled"))).resume();
console.log(JSON.stringify({ end: await ended }));
process.exit();
