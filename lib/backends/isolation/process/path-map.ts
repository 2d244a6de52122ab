import { join, posix, relative, sep } from "node:path";

/** A place in the sandbox whose files lie elsewhere on the host than the rest. */
export interface MountedDirectory {
  /** Absolute and normalised, as commands see it. */
  path: string;
  hostDirectory: string;
}

export interface PathMapOptions {
  /** The host directory that stands for `/`, its own links resolved. */
  hostRoot: string;
  mounts?: readonly MountedDirectory[];
  /** Directories below which a command's arguments are taken for paths of the sandbox's. */
  argumentRoots: readonly string[];
}

/**
 * Translates between the paths of a sandbox that has no file system of its own
 * and the host's. Pure: knows nothing of links or of what exists.
 */
export class PathMap {
  readonly hostRoot: string;
  readonly mounts: readonly MountedDirectory[];
  readonly #argumentRoots: readonly string[];

  constructor({ hostRoot, mounts = [], argumentRoots }: PathMapOptions) {
    this.hostRoot = hostRoot;
    // The longest first, so that a mount inside another wins.
    this.mounts = mounts.toSorted((one, other) => other.path.length - one.path.length);
    this.#argumentRoots = argumentRoots;
  }

  /**
   * The sandbox's path for any absolute path: one that lies inside the sandbox's host directory is
   * that file's, so that the output of `pwd` can be handed back; any other is the sandbox's already.
   */
  toSandbox(path: string): string {
    return this.fromHost(path) ?? normalise(path);
  }

  /** The sandbox's path of a host path; undefined when it is none of the sandbox's. */
  fromHost(path: string): string | undefined {
    for (const { path: mountPath, hostDirectory } of this.mounts) {
      const inside = within(hostDirectory, path);
      if (inside !== undefined) return normalise(posix.join(mountPath, inside));
    }
    const inside = within(this.hostRoot, path);
    return inside === undefined ? undefined : normalise(`/${inside}`);
  }

  /** Where the file of an absolute path lies on the host, if no link is in the way. */
  toHost(path: string): string {
    const own = this.toSandbox(path);
    for (const { path: mountPath, hostDirectory } of this.mounts) {
      if (isAtOrBelow(own, mountPath))
        return trim(join(hostDirectory, own.slice(mountPath.length)));
    }
    return trim(join(this.hostRoot, own));
  }

  /** A command's argument: mapped when it is, as a whole, a path of the sandbox's own directories. */
  toHostArgument(argument: string): string {
    if (!argument.startsWith("/") || this.fromHost(argument) !== undefined) return argument;
    const path = normalise(argument);
    if (!this.#argumentRoots.some((root) => isAtOrBelow(path, root))) return argument;
    // A trailing slash means something to rsync, cp and others.
    return argument.endsWith("/") ? `${this.toHost(path)}/` : this.toHost(path);
  }
}

/** Whether the path is the directory or inside it; both absolute and normalised. */
export function isAtOrBelow(path: string, directory: string): boolean {
  if (directory === "/") return true;
  return path === directory || path.startsWith(`${directory}/`);
}

/** An absolute path without `.`, `..`, doubled or trailing slashes. */
export function normalise(path: string): string {
  const absolute = posix.normalize(`/${path}`);
  return absolute.length > 1 && absolute.endsWith("/") ? absolute.slice(0, -1) : absolute;
}

// The part of the path below the directory, with forward slashes; "" for the directory itself.
function within(directory: string, path: string): string | undefined {
  if (!path.startsWith(directory)) return undefined;
  const inside = relative(directory, path);
  if (inside === ".." || inside.startsWith(`..${sep}`) || inside.includes(":\\")) return undefined;
  return inside.split(sep).join("/");
}

function trim(path: string): string {
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
}
