import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  type Stats,
} from "node:fs";

// Linux's, which Node does not name: nothing is opened but the place in the tree, so that no device and no FIFO notices.
const O_PATH = 0o10000000;

/** What a name stood for when it was opened. Whatever has the name meanwhile, it is this that is looked at and changed. */
export interface OpenNode extends Disposable {
  readonly stats: Stats;
  /** A host path of it, without the name. */
  readonly path: string;
  chmod(mode: number): void;
  chown(ids: { uid: number; gid: number }): void;
}

/** Does not follow a link. On other systems than Linux the name is used again. */
export function openNode(path: string | Buffer): OpenNode {
  if (process.platform !== "linux") return namedNode(path);
  const descriptor = openSync(path, O_PATH | constants.O_NOFOLLOW);
  const own = `/proc/self/fd/${descriptor}`;
  try {
    return {
      stats: fstatSync(descriptor),
      path: own,
      // Of a link these would say that they cannot; callers have followed it.
      chmod: (mode) => chmodSync(own, mode),
      chown: ({ uid, gid }) => chownSync(own, uid, gid),
      [Symbol.dispose]: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function namedNode(path: string | Buffer): OpenNode {
  return {
    stats: lstatSync(path),
    path: path.toString(),
    chmod: (mode) => chmodSync(path, mode),
    chown: ({ uid, gid }) => chownSync(path, uid, gid),
    [Symbol.dispose]: () => undefined,
  };
}
