import { join } from "node:path";

/** All files of `namespaces` isolation, below the directory of all isolation. */
export function namespacesFolder(directory: string): string {
  return join(directory, "namespaces");
}

/** Where the folders of sessions that run with `namespaces` are. */
export function sessionsFolder(directory: string): string {
  return join(namespacesFolder(directory), "roots");
}

/** Where the keys of sandboxes' networks are, of an engine whose isolation has the directory. */
export function networkFolder(directory: string): string {
  return join(namespacesFolder(directory), "network");
}

/** Where it is told in which user namespace an ordinary user's daemon runs. */
export function outerFolder(directory: string): string {
  return join(directory, "outer");
}
