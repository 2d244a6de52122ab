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
import { type MakeAnswer, MakeRequest, type NewThing } from "./maker-message.ts";

// A process of a root engine's that makes files as a sandbox's user: in a sandbox's file system nobody
// can make any who has no id there, which the engine has not. It takes one request after the other and
// does nothing else meanwhile, so that an identity is never on while something else happens.

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const engine = process.ppid;

process.umask(0);
process.on("message", (message) => {
  const request = MakeRequest.parse(message);
  const answer: MakeAnswer = { id: request.id, codes: makeAll(request) };
  // The engine may end while it is on its way: then nobody waits for it.
  process.send?.(answer, () => undefined);
});
// Ends with the engine.
endWithChannel();

function makeAll(request: MakeRequest): (string | null)[] {
  // Opened with the rights of the engine, which holds them; each once.
  const directories = new Map<number, number>();
  const attempt = (work: () => void) => {
    try {
      work();
      return null;
    } catch (error) {
      return systemCode(error) ?? "EIO";
    }
  };
  try {
    const opened = request.things.map(({ directoryFd }) =>
      attempt(() => {
        if (!directories.has(directoryFd)) directories.set(directoryFd, open(directoryFd));
      }),
    );
    return as(request, () =>
      request.things.map((thing, index) => {
        const directory = directories.get(thing.directoryFd);
        if (directory === undefined) return opened[index] ?? "EIO";
        return attempt(() => make(`/proc/self/fd/${directory}/${thing.name}`, thing));
      }),
    );
  } finally {
    for (const directory of directories.values()) closeSync(directory);
  }
}

function open(directoryFd: number): number {
  return openSync(`/proc/${engine}/fd/${directoryFd}/.`, O_RDONLY | O_DIRECTORY);
}

function as<Result>({ uid, gid, groups }: MakeRequest, work: () => Result): Result {
  process.setgroups?.(groups);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.([]);
  }
}

function make(path: string, { mode, content }: NewThing): void {
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
