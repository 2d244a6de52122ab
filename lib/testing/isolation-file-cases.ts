import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect } from "vitest";
import type { Root } from "../engine/ports.ts";
import {
  fileEntry,
  type IsolationBench,
  readBytes,
  readText,
  writeFiles,
} from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";

const MEBIBYTE = 1024 * 1024;

async function* largeContent(mebibytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < mebibytes; index++) yield Buffer.alloc(MEBIBYTE, index);
}

/** A directory outside with a file that nothing may read or change. */
async function makeCanary(
  bench: IsolationBench,
): Promise<{ directory: string; isUntouched(): Promise<boolean> }> {
  const directory = join(bench.directory, "canary");
  await mkdir(directory);
  await writeFile(join(directory, "secret"), "secret");
  return {
    directory,
    async isUntouched() {
      const names = await readdir(directory);
      const content = await readFile(join(directory, "secret"), "utf8");
      return names.join() === "secret" && content === "secret";
    },
  };
}

async function everyWay(root: Root, path: string): Promise<unknown[]> {
  const ways = [
    () => readText(root, path),
    () => writeFiles(root, fileEntry(path, "overwritten")),
    () => root.files.makeDirectory(`${path}-made`, { recursive: true }),
  ];
  const results: unknown[] = [];
  for (const way of ways) results.push(await way().catch((error: unknown) => error));
  return results;
}

export const fileCases: IsolationCases = {
  async "writes what commands read, and reads what they wrote"(bench) {
    const root = await bench.prepare();
    await writeFiles(root, fileEntry("/vercel/sandbox/a/b/c.txt", "from outside"));
    expect((await bench.run(root, ["cat", "a/b/c.txt"])).stdout).toBe("from outside");
    await bench.sh(root, "printf 'from inside' > a/b/d.txt");
    expect(await readText(root, "/vercel/sandbox/a/b/d.txt")).toBe("from inside");
  },

  async "keeps every byte of a large file"(bench) {
    const root = await bench.prepare();
    const path = "/vercel/sandbox/large";
    const entry = { path, size: 20 * MEBIBYTE, content: largeContent(20) };
    await root.files.write(Readable.from([entry]));
    const expected = createHash("sha256");
    for await (const chunk of largeContent(20)) expected.update(chunk);
    const { stdout } = await bench.run(root, ["sha256sum", "large"]);
    const digest = expected.digest("hex");
    expect(stdout.split(" ")[0]).toBe(digest);
    expect(
      createHash("sha256")
        .update(await readBytes(root, path))
        .digest("hex"),
    ).toBe(digest);
  },

  async "keeps modes, and has sensible ones where none are given"(bench) {
    const root = await bench.prepare();
    await writeFiles(
      root,
      fileEntry("/vercel/sandbox/d/plain", ""),
      fileEntry("/vercel/sandbox/d/tool", "", 0o755),
      fileEntry("/vercel/sandbox/d/open", "", 0o666),
      fileEntry("/vercel/sandbox/d/shut", "", 0o400),
      fileEntry("/vercel/sandbox/d/special", "", 0o4711),
    );
    const { stdout } = await bench.sh(
      root,
      "stat -c '%a %n' d d/plain d/tool d/open d/shut d/special",
    );
    expect(stdout).toBe("755 d\n644 d/plain\n755 d/tool\n666 d/open\n400 d/shut\n4711 d/special\n");
  },

  async "writes over a file in place, with a new mode only if one is given"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      "echo long old content > file; chmod 600 file; ln file other; stat -c %i file > inode",
    );
    await writeFiles(root, fileEntry("/vercel/sandbox/file", "new"));
    expect((await bench.sh(root, "cat other; stat -c ' %a' file")).stdout).toBe("new 600\n");
    await writeFiles(root, fileEntry("/vercel/sandbox/file", "newer", 0o640));
    const { stdout } = await bench.sh(
      root,
      'stat -c %a file; test "$(stat -c %i file)" = "$(cat inode)"; echo $?',
    );
    expect(stdout).toBe("640\n0\n");
  },

  async "writes over a program while it runs"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, 'cp "$(command -v sleep)" program');
    await bench.start(root, ["./program", "60"]);
    await writeFiles(root, fileEntry("/vercel/sandbox/program", "replaced", 0o755));
    expect(await readText(root, "/vercel/sandbox/program")).toBe("replaced");
  },

  async "says file_not_found for what is not there and for what is no file"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "mkdir directory; mkfifo fifo; ln -s nowhere dangling; echo > file");
    for (const name of ["missing", "missing/too", "directory", "fifo", "dangling", "file/below"]) {
      await expect(root.files.read(`/vercel/sandbox/${name}`), name).rejects.toMatchObject({
        code: "file_not_found",
      });
    }
  },

  async "refuses to write where something else than a file is"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "mkdir directory; mkfifo fifo; echo > file; ln -s loop loop");
    for (const name of ["directory", "fifo", "file/below", "loop", "x".repeat(300)]) {
      const written = writeFiles(root, fileEntry(`/vercel/sandbox/${name}`, "content"));
      await expect(written, name).rejects.toMatchObject({ code: "invalid_request" });
    }
  },

  async "reads an empty file"(bench) {
    const root = await bench.prepare();
    await writeFiles(root, fileEntry("/vercel/sandbox/empty", ""));
    expect(await readText(root, "/vercel/sandbox/empty")).toBe("");
  },

  async "makes directories, one or with their parents"(bench) {
    const root = await bench.prepare();
    await root.files.makeDirectory("/vercel/sandbox/one", { recursive: false });
    await root.files.makeDirectory("/vercel/sandbox/two/three", { recursive: true });
    await root.files.makeDirectory("/vercel/sandbox/two/three", { recursive: true });
    expect((await bench.sh(root, "stat -c '%a %n' one two/three")).stdout).toBe(
      "755 one\n755 two/three\n",
    );
    const again = root.files.makeDirectory("/vercel/sandbox/one", { recursive: false });
    await expect(again).rejects.toMatchObject({ code: "invalid_request" });
    const orphan = root.files.makeDirectory("/vercel/sandbox/missing/child", { recursive: false });
    await expect(orphan).rejects.toMatchObject({ code: "directory_not_found" });
  },

  async "follows links inside, relative and absolute"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      "mkdir real; ln -s real relative; ln -s /vercel/sandbox/real absolute; ln -s ../a link-up",
    );
    await writeFiles(root, fileEntry("/vercel/sandbox/relative/one", "1"));
    await writeFiles(root, fileEntry("/vercel/sandbox/absolute/two", "2"));
    await writeFiles(root, fileEntry("/vercel/sandbox/link-up", "up"));
    expect(await readText(root, "/vercel/sandbox/real/one")).toBe("1");
    expect(await readText(root, "/vercel/sandbox/real/two")).toBe("2");
    expect(await readText(root, "/vercel/a")).toBe("up");
  },

  async "never leaves by a link, whatever it points at"(bench) {
    const root = await bench.prepare();
    const canary = await makeCanary(bench);
    const up = "../".repeat(40);
    await bench.sh(
      root,
      `ln -s ${canary.directory} whole; ln -s ${canary.directory}/secret file; ln -s ${up}${canary.directory} climbing;` +
        ` ln -s / top; mkdir inner; ln -s ../whole inner/chain; ln -s ${canary.directory}/new new`,
    );
    for (const path of [
      "whole/secret",
      "file",
      "climbing/secret",
      `top${canary.directory}/secret`,
      "inner/chain/secret",
      "new",
    ]) {
      const results = await everyWay(root, `/vercel/sandbox/${path}`);
      expect(results[0], path).not.toBe("secret");
    }
    expect(await canary.isUntouched()).toBe(true);
  },

  async "says path_outside_sandbox for a link that climbs out"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, `ln -s ${"../".repeat(40)}etc/passwd climbing`);
    await expect(root.files.read("/vercel/sandbox/climbing")).rejects.toMatchObject({
      code: "path_outside_sandbox",
    });
    const written = writeFiles(root, fileEntry("/vercel/sandbox/climbing", "x"));
    await expect(written).rejects.toMatchObject({ code: "path_outside_sandbox" });
  },

  async "stays inside while a command swaps a directory for a link"(bench) {
    const root = await bench.prepare();
    const canary = await makeCanary(bench);
    const swap = `while :; do mkdir -p d; rm -rf d; ln -sfn ${canary.directory} d; rm -f d; done`;
    const command = await bench.start(root, ["sh", "-c", swap]);
    for (let round = 0; round < 300; round++) {
      const path = `/vercel/sandbox/d/${round % 2 === 0 ? "secret" : `new-${round}`}`;
      const results = await everyWay(root, path);
      expect(results[0]).not.toBe("secret");
    }
    await command.signal(9);
    expect(await canary.isUntouched()).toBe(true);
  },

  async "stops writing when it is told to"(bench) {
    const root = await bench.prepare();
    const stop = new AbortController();
    async function* entries() {
      yield fileEntry("/vercel/sandbox/first", "1");
      stop.abort(new Error("enough"));
      yield fileEntry("/vercel/sandbox/second", "2");
    }
    const written = root.files.write(entries(), { signal: stop.signal });
    await expect(written).rejects.toThrow("enough");
    expect(await readText(root, "/vercel/sandbox/first")).toBe("1");
    await expect(root.files.read("/vercel/sandbox/second")).rejects.toMatchObject({
      code: "file_not_found",
    });
  },

  async "leaves no part of a new file whose content broke off"(bench) {
    const root = await bench.prepare();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("beginning");
      throw new Error("broke off");
    }
    const entry = { path: "/vercel/sandbox/half", size: 100, content: broken() };
    await expect(writeFiles(root, entry)).rejects.toThrow("broke off");
    expect((await bench.run(root, ["ls", "-A"])).stdout).toBe("");
  },
};
