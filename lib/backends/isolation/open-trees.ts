import type { FileOwners, FileTree, TreeDirectories } from "./file-tree-port.ts";

/** Directories and names of each tree that one call needs, found out once. */
export class OpenTrees implements AsyncDisposable {
  readonly #beforeClose: () => Promise<void>;
  readonly #opened = new Map<FileTree, { directories: TreeDirectories; owners?: FileOwners }>();

  constructor(beforeClose: () => Promise<void>) {
    this.#beforeClose = beforeClose;
  }

  of(tree: FileTree): TreeDirectories {
    return this.#open(tree).directories;
  }

  ownersOf(tree: FileTree): FileOwners {
    return (this.#open(tree).owners ??= tree.owners());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { directories } of this.#opened.values()) await directories[Symbol.asyncDispose]();
  }

  #open(tree: FileTree): { directories: TreeDirectories; owners?: FileOwners } {
    const known = this.#opened.get(tree);
    if (known) return known;
    const opened = { directories: tree.openDirectories({ beforeClose: this.#beforeClose }) };
    this.#opened.set(tree, opened);
    return opened;
  }
}
