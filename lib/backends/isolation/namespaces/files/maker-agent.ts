import {
  closeSync,
  constants,
  fchmodSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { endWithChannel } from "../../end-with-channel.ts";
import { systemCode } from "../../process-faults.ts";
import { type MakeAnswer, MakeRequest, type NewThing } from "./maker-message.ts";

// A process of a root engine's that makes and renames files as a sandbox's user: in a sandbox's file system nobody
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
    const opened = request.things.map(({ directoryFd, from }) =>
      attempt(() => {
        for (const one of [directoryFd, from?.directoryFd ?? directoryFd]) {
          if (!directories.has(one)) directories.set(one, open(one));
        }
      }),
    );
    return as(request, () =>
      request.things.map((thing, index) => {
        const directory = directories.get(thing.directoryFd);
        if (directory === undefined) return opened[index] ?? "EIO";
        const path = `/proc/self/fd/${directory}/${thing.name}`;
        const { from } = thing;
        if (!from) return attempt(() => make(path, thing));
        const source = directories.get(from.directoryFd);
        if (source === undefined) return opened[index] ?? "EIO";
        return attempt(() => renameSync(`/proc/self/fd/${source}/${from.name}`, path));
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
    mkdirSync(path, mode & 0o777);
    if ((mode & 0o7000) !== 0) giveMode(path, mode);
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

/** What mkdir(2) leaves out. By no path: something else may have the name by now. */
function giveMode(path: string, mode: number): void {
  const directory = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    fchmodSync(directory, mode);
  } finally {
    closeSync(directory);
  }
}
