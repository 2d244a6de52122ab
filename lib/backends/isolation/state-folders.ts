import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { randomText } from "../../std/ids.ts";
import { removeTree } from "./file-tree.ts";
import { systemCode } from "./process-faults.ts";

/**
 * The folders of a backend that keeps its sandboxes' files in directories:
 *
 *     roots/<sandbox>/…          one per running session
 *     snapshots/<snapshotId>/…   what was a root's folder, whole
 *     drives/<driveId>
 *     arriving/<driveId>         a drive that is being taken over from another backend
 *     ready/…                    roots that are whole and wait for a session
 *     temporary/…                what is being made or deleted; nothing in it matters
 *
 * A thing is made under `temporary` and renamed to its place once it is whole,
 * and renamed back to be deleted, so that a crash leaves no halves.
 */
export class StateFolders {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes the folders, with the mode given. */
  async make({ mode }: { mode: number }): Promise<void> {
    for (const name of ["roots", "snapshots", "drives", "arriving", "ready", "temporary"]) {
      await mkdir(join(this.directory, name), { recursive: true, mode });
    }
  }

  root(folder: string): string {
    return join(this.directory, "roots", folder);
  }

  snapshot(snapshotId: string): string {
    return join(this.directory, "snapshots", snapshotId);
  }

  drive(driveId: string): string {
    return join(this.directory, "drives", driveId);
  }

  arriving(driveId: string): string {
    return join(this.directory, "arriving", driveId);
  }

  /** A place for a root that waits for its session. */
  ready(): string {
    return join(this.directory, "ready", randomText(12));
  }

  temporary(): string {
    return join(this.directory, "temporary", randomText(12));
  }

  async list(kind: "roots" | "snapshots" | "drives" | "arriving"): Promise<string[]> {
    return readdir(join(this.directory, kind));
  }

  /**
   * Puts a finished root in its place and gives the folder's name. It is the sandbox's in each of its
   * sessions where possible: programs write absolute paths into files (a Python environment's do),
   * which then still hold after a resume.
   */
  async placeRoot(
    made: string,
    owner: { sandboxName: string; sessionId: string },
  ): Promise<string> {
    const usual = folderName(owner.sandboxName);
    if (await moveIfFree(made, this.root(usual))) return usual;
    const other = `${usual}~${owner.sessionId}`;
    await rename(made, this.root(other));
    return other;
  }

  /** Makes a settled root a snapshot, in one step. */
  async placeSnapshot(root: string, snapshotId: string): Promise<void> {
    await rename(root, this.snapshot(snapshotId));
  }

  /** Makes a finished copy a drive; its directory may be there already, empty. */
  async placeDrive(made: string, driveId: string): Promise<void> {
    await rename(made, this.drive(driveId));
  }

  /** At once out of the way, then deleted. No error when there is nothing. */
  async discard(path: string): Promise<void> {
    const doomed = this.temporary();
    try {
      await rename(path, doomed);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return;
      throw error;
    }
    await removeTree(doomed);
  }

  /** Deletes what an earlier engine was about to make, or had made for nobody yet. */
  async clearTemporary(): Promise<void> {
    for (const kind of ["temporary", "ready"]) {
      const directory = join(this.directory, kind);
      for (const name of await readdir(directory)) await removeTree(join(directory, name));
    }
  }
}

/** Reads a record; undefined when it is not there or not what it should be. */
export async function readRecord<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    const unusable = error instanceof SyntaxError || error instanceof z.ZodError;
    if (unusable || systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

export async function writeRecord(file: string, record: object): Promise<void> {
  const draft = `${file}.${randomText(6)}`;
  await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
  await rename(draft, file);
}

// A long name would leave no room for paths below (a socket's has 107 characters in all), and two
// names that differ by case alone are one folder on many systems.
function folderName(sandboxName: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,39}$/.test(sandboxName)) return sandboxName;
  const hash = createHash("sha256").update(sandboxName).digest("hex").slice(0, 12);
  return `${sandboxName.slice(0, 24).toLowerCase()}~${hash}`;
}

async function moveIfFree(source: string, target: string): Promise<boolean> {
  try {
    await rename(source, target);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}
