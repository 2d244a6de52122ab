import { posix } from "node:path";
import type { Readable } from "node:stream";
import { DEFAULTS } from "../../contract/defaults.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Waiting } from "../../engine/engine.ts";
import type { FilePlace, Files } from "../../engine/file-words.ts";
import { randomText } from "../../std/ids.ts";
import { refusal, refusedWords } from "./capabilities.ts";
import type { Cloud } from "./cloud.ts";
import { idOf } from "./cloud-commands.ts";
import type { CloudPart } from "./cloud-sandboxes.ts";
import { GUEST } from "./guest-scripts.ts";

/** Files as our SDK writes and reads them; its file system is made of commands. What other faces ask for besides is refused. */
export function cloudFiles({ cloud }: CloudPart): Files {
  return {
    ...refusedWordsOf(cloud),
    async writeArchive(sessionId, archive, { directory, signal }) {
      const id = idOf(sessionId);
      const path = `/tmp/.sandlot-${randomText(12)}.tar`;
      await cloud.upload(id, path, archive, { signal });
      const { exitCode, stdout } = await cloud.run(id, GUEST.unpack(path, at(directory)), {
        signal,
      });
      if (exitCode === 0) return;
      throw new SandboxError(
        "invalid_request",
        `The files could not be written to ${at(directory)}: ${stdout.trim()}`,
      );
    },
    async read(sessionId, file, options) {
      if (file.sudo || file.start !== undefined || file.end !== undefined) {
        throw refusal(cloud, "files", "a part of a file, or one as root");
      }
      return read(cloud, { id: idOf(sessionId), path: placeOf(file) }, options);
    },
    async makeDirectory(sessionId, { recursive, ...place }) {
      const path = placeOf(place);
      const line = GUEST.makeDirectory(path, recursive);
      const { exitCode, stdout } = await cloud.run(idOf(sessionId), line);
      if (exitCode === 0) return { created: stdout.trim() !== "there" };
      throw new SandboxError("invalid_request", `${path} could not be made: ${stdout.trim()}`);
    },
  };
}

type Refused = Omit<Files, "writeArchive" | "read" | "makeDirectory">;

function refusedWordsOf(cloud: Cloud): Refused {
  const words = refusedWords<Refused>(cloud, "files");
  const { write, stat, list, move, remove, setPermissions, setMetadata, watch } = words;
  return { write, stat, list, move, remove, setPermissions, setMetadata, watch };
}

async function read(
  cloud: Cloud,
  { id, path }: { id: string; path: string },
  options: Waiting = {},
): Promise<{ size: number; content: Readable }> {
  const { exitCode, stdout } = await cloud.run(id, GUEST.measure(path), options);
  if (exitCode !== 0) throw new SandboxError("file_not_found", `There is no file ${path}.`);
  return { size: Number(stdout.trim()), content: await cloud.download(id, path, options) };
}

const at = (path: string): string => posix.resolve(DEFAULTS.cwd, path);

const placeOf = ({ path, cwd }: FilePlace): string => posix.resolve(DEFAULTS.cwd, cwd ?? ".", path);
