// Run as a program: a daemon of another version, as far as it can be told from outside. It holds the state
// folder's lock and answers the two questions that every version understands.
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { acquireExclusiveLock } from "../backends/lock/exclusive-lock.ts";
import { writeHolder } from "../host/engine-holder.ts";
import { stateFolder } from "../host/state-folder.ts";

const [home = "", busy = ""] = process.argv.slice(2);
const folder = stateFolder(home);
const lock = acquireExclusiveLock(folder.engineLock, { waitMs: 0 });
if (!lock) throw new Error("the folder is in use");
const socketPath = join(home, "other.sock");
const own = { version: "0.0.1", protocol: 1, pid: process.pid };
const server = createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  if (request.url === "/sandlot/version") {
    response.end(JSON.stringify({ name: "sandlot", home, isolation: "process", ...own }));
  } else if (busy) {
    response
      .writeHead(409)
      .end(JSON.stringify({ error: { code: "sandbox_running", message: "busy" } }));
  } else {
    response.end(JSON.stringify({ ending: true }), () => {
      server.close();
      server.closeAllConnections();
      rmSync(folder.holder);
      lock[Symbol.dispose]();
    });
  }
});
server.listen(socketPath, () => {
  writeHolder(folder.holder, { kind: "daemon", startedAt: Date.now(), socketPath, ...own });
  console.log("ready");
});
