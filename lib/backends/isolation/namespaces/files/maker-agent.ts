import {
  closeSync,
  constants,
  fchmodSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { endWithChannel } from "../../end-with-channel.ts";
import { systemCode } from "../../process-faults.ts";
import { type MakeAnswer, MakeRequest } from "./maker-message.ts";

// A process of a root engine's that makes files as a sandbox's user: in a sandbox's file system nobody
// can make any who has no id there, which the engine has not. It takes one request after the other and
// does nothing else meanwhile, so that an identity is never on while something else happens.

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const engine = process.ppid;

process.umask(0);
process.on("message", (message) => {
  const request = MakeRequest.parse(message);
  process.send?.({ id: request.id, ...attempt(request) } satisfies MakeAnswer);
});
// Ends with the engine.
endWithChannel();

function attempt(request: MakeRequest): { code?: string } {
  try {
    const path = `/proc/${engine}/fd/${request.directoryFd}/.`;
    const directory = openSync(path, O_RDONLY | O_DIRECTORY);
    try {
      as(request, () => make(`/proc/self/fd/${directory}/${request.name}`, request));
    } finally {
      closeSync(directory);
    }
    return {};
  } catch (error) {
    return { code: systemCode(error) ?? "EIO" };
  }
}

function as({ uid, gid, groups }: MakeRequest, work: () => void): void {
  process.setgroups?.(groups);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.([]);
  }
}

function make(path: string, { mode, content }: MakeRequest): void {
  if (content === undefined) {
    mkdirSync(path, mode);
    return;
  }
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode & 0o777);
  try {
    for (let done = 0; done < content.length;) done += writeSync(file, content, done);
    if ((mode & 0o7000) !== 0) fchmodSync(file, mode);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}
