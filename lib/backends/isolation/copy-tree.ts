import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { cp } from "node:fs/promises";
import { promisify } from "node:util";
import { SandboxError } from "../../contract/errors.ts";

const run = promisify(execFile);

const FLAGS: Partial<Record<NodeJS.Platform, string[]>> = {
  // Shares blocks where the file system can (btrfs, XFS, bcachefs).
  linux: ["-a", "--reflink=auto"],
  // clonefile(2) on APFS.
  darwin: ["-a", "-c"],
};

/**
 * Copies a directory to a path where there is nothing yet: modes, times, links
 * (as they are) and attributes. An abort or a failure leaves a part of it behind,
 * for the caller to delete. Throws `storage_full`.
 */
export async function copyTree(
  source: string,
  target: string,
  options: {
    signal?: AbortSignal | undefined;
    /** The words before the program's own that run it as somebody who may read it all. */
    through?: readonly string[];
  } = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  const flags = FLAGS[process.platform];
  if (!flags) {
    await copyByNode(source, target);
    return;
  }
  try {
    const words = [...(options.through ?? []), "cp", ...flags, source, target];
    const [program = "", ...args]: string[] = words;
    await run(program, args, {
      env: { LC_ALL: "C", PATH: "/usr/bin:/bin:/usr/local/bin" },
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw copyFault(error);
  }
}

async function copyByNode(source: string, target: string): Promise<void> {
  await cp(source, target, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
}

function copyFault(error: unknown): SandboxError {
  const words = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  // cp has one exit code for everything; in the C locale these are the system's own words.
  if (/No space left on device|Disk quota exceeded/.test(words)) {
    return new SandboxError("storage_full", "The disk is full: the files could not be copied.", {
      cause: error,
    });
  }
  return new SandboxError("internal", "Files could not be copied.", { cause: error });
}
