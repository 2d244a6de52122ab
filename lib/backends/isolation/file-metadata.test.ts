import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { MetadataProcess } from "./file-metadata.ts";
import { openNode } from "./open-node.ts";

const MANY = `
import os, sys
for number in range(64):
    os.setxattr(sys.argv[1], f"user.e2b.k{number}", b"x" * 1000)`;

/** Where a file system in memory is usual; ext4 has room for no more than a block. */
const SPACIOUS = "/dev/shm";

function bearMany(path: string): boolean {
  return spawnSync("python3", ["-c", MANY, path]).status === 0;
}

async function canBearMany(): Promise<boolean> {
  if (!existsSync(SPACIOUS)) return false;
  await using directory = await temporaryDirectory(SPACIOUS);
  return bearMany(directory.path);
}

const reason = (await canBearMany()) ? undefined : "no file system here keeps so many attributes";

test.skipIf(reason !== undefined)(
  `what a program gave a file beyond all bounds is not read (${reason ?? "in memory"})`,
  async () => {
    await using directory = await temporaryDirectory(SPACIOUS);
    const path = join(directory.path, "file");
    await writeFile(path, "");
    bearMany(path);
    using program = new MetadataProcess();
    using node = openNode(path);
    const words = Object.entries(await program.read(node)).flat();
    expect(words.length).toBeGreaterThan(0);
    expect(words.join("").length).toBeLessThanOrEqual(LIMITS.fileMetadataBytes);
  },
);
