import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { outsideUid } from "../backends/isolation/namespaces/machine/outside-uid.ts";
import { SandboxError } from "../contract/errors.ts";
import { messageOf } from "../std/message-of.ts";

/** What lies where in a state folder. */
export interface StateFolder {
  readonly home: string;
  readonly database: string;
  readonly isolation: string;
  /** Held by the engine that uses the folder, for as long as it lives. */
  readonly engineLock: string;
  /** Held by whoever starts a daemon, until that answers. */
  readonly startLock: string;
  /** Who holds `engineLock`, as JSON. */
  readonly holder: string;
  readonly log: string;
  /** The token for TCP listeners. */
  readonly token: string;
  /** The TCP port that the daemon chose last, so that addresses in shells stay good. */
  readonly lastPort: string;
  /** The authority behind the sandboxes' names, its certificate for clients, and the port that was chosen last. */
  readonly names: string;
  readonly namesCertificate: string;
  readonly lastNamesPort: string;
}

export function stateFolder(home: string): StateFolder {
  return {
    home,
    database: join(home, "state.db"),
    isolation: join(home, "isolation"),
    engineLock: join(home, "engine.lock"),
    startLock: join(home, "start.lock"),
    holder: join(home, "engine.json"),
    log: join(home, "daemon.log"),
    token: join(home, "token"),
    lastPort: join(home, "tcp-port"),
    names: join(home, "names"),
    namesCertificate: join(home, "names", "certificate.pem"),
    lastNamesPort: join(home, "names", "port"),
  };
}

/**
 * A folder beside the others for an engine of this version, while the folder itself is in use by one
 * of another. It is never shared between versions.
 */
export function besideFolder(home: string, version: string): string {
  return join(home, "beside", version);
}

/** Makes the state folder, for this user alone. Throws `engine_unavailable` with the reason. */
export function makeStateFolder(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = messageOf(error);
    throw new SandboxError(
      "engine_unavailable",
      `The state folder ${home} cannot be made (${reason}). Name another one in SANDLOT_HOME.`,
      { cause: error },
    );
  }
}

// sun_path holds 108 bytes on Linux and 104 on macOS, with a final NUL.
const SOCKET_PATH_BYTES = 103;

/**
 * Where the daemon of one version listens for one state folder: in the folder, if its path is short
 * enough for a socket, else in a private folder with a short path. The name tells the version, so
 * that two versions never meet by accident. Throws `engine_unavailable` when that folder belongs to
 * somebody else.
 */
export function socketPath(
  home: string,
  { version, protocol }: { version: string; protocol: number },
): string {
  const name = `daemon-${version}-p${protocol}`;
  const hash = createHash("sha256").update(`${home}\0${name}`).digest("hex").slice(0, 24);
  if (process.platform === "win32") return String.raw`\\.\pipe\sandlot-${hash}`;
  const inside = join(home, `${name}.sock`);
  if (Buffer.byteLength(inside) <= SOCKET_PATH_BYTES) return inside;
  const base = process.env["XDG_RUNTIME_DIR"];
  const folder =
    base && isAbsolute(base) && Buffer.byteLength(base) < 60
      ? join(base, "sandlot")
      : // As callers outside see it: the daemon may be root of a user namespace of this user's.
        join(tmpdir(), `sandlot-${outsideUid()}`);
  makePrivate(folder);
  return join(folder, `${hash}.sock`);
}

// Anybody may make folders in /tmp, also one with the name that we would use.
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o077) === 0)
    return;
  throw new SandboxError(
    "engine_unavailable",
    `${folder} is not a folder that only you can enter, so the daemon's socket cannot lie there. Delete it, or set SANDLOT_HOME to a shorter path.`,
  );
}
