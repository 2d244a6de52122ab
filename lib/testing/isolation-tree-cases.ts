import { lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Root } from "../engine/ports.ts";
import type { IsolationBench } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import { HERE, listed } from "./listed-files.ts";

/** A directory outside, with modes that nothing may change. */
async function makeOutside(
  bench: IsolationBench,
): Promise<{ directory: string; state(): Promise<string> }> {
  const directory = join(bench.directory, "outside");
  await mkdir(join(directory, "inner"), { recursive: true });
  await writeFile(join(directory, "secret"), "secret");
  await writeFile(join(directory, "inner", "deep"), "deep");
  return {
    directory,
    async state() {
      const parts = ["", "secret", "inner", "inner/deep"].map(async (name) => {
        const { mode, uid, gid, size } = await lstat(join(directory, name));
        return `${name}:${mode}:${uid}:${gid}:${size}`;
      });
      const names = await readdir(directory, { recursive: true });
      const secret = await readFile(join(directory, "secret"), "utf8");
      return [...(await Promise.all(parts)), names.toSorted().join(), secret].join("\n");
    },
  };
}

export const treeCases: IsolationCases = {
  async "tells of a file what commands are told"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "printf hello > file; chmod 4751 file; touch -d @1000000000.25 file");
    const info = await root.files.stat(`${HERE}/file`);
    const { stdout } = await bench.run(root, ["stat", "-c", "%U %G %u %g %a %s %Y", "file"]);
    const mode = info.mode.toString(8);
    const { owner, group, uid, gid, size, modifiedAt } = info;
    expect([owner, group, uid, gid, mode, size, Math.floor(modifiedAt / 1_000)].join(" ")).toBe(
      stdout.trim(),
    );
    expect(info).toMatchObject({ name: "file", path: `${HERE}/file`, type: "file" });
    expect(modifiedAt).toBeCloseTo(1_000_000_000_250, 0);
  },

  async "tells what is a directory, a link and something else, and looks at the link itself"(
    bench,
  ) {
    const root = await bench.prepare();
    await bench.sh(root, "mkdir d; ln -s ../nowhere l; mkfifo p; ln -s d to-d; touch d/f");
    expect(await listed(root)).toEqual(["d directory", "l symlink", "p other", "to-d symlink"]);
    expect(await root.files.stat(`${HERE}/l`)).toMatchObject({ symlinkTarget: "../nowhere" });
    expect(await root.files.stat(`${HERE}/to-d/f`)).toMatchObject({ path: `${HERE}/to-d/f` });
    expect(await root.files.stat("/")).toMatchObject({ path: "/", name: "/", type: "directory" });
    await expect(root.files.stat(`${HERE}/none`)).rejects.toMatchObject({ code: "file_not_found" });
    await expect(root.files.stat(`${HERE}/d/f/g`)).rejects.toMatchObject({
      code: "file_not_found",
    });
  },

  async "lists as many levels as it is asked for, sorted, and through a link"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "mkdir -p b/c/d; touch a b/x b/c/y b/c/d/z; ln -s b link");
    expect(await listed(root)).toEqual(["a file", "b directory", "link symlink"]);
    expect(await listed(root, HERE, 2)).toEqual([
      "a file",
      "b directory",
      "b/c directory",
      "b/x file",
      "link symlink",
    ]);
    expect(await listed(root, `${HERE}/link`, 9)).toEqual([
      "link/c directory",
      "link/c/d directory",
      "link/c/d/z file",
      "link/c/y file",
      "link/x file",
    ]);
    const wrong = { none: "file_not_found", a: "directory_not_found" };
    for (const [name, code] of Object.entries(wrong)) {
      const asked = root.files.list(`${HERE}/${name}`, { depth: 1 });
      await expect(asked, name).rejects.toMatchObject({ code });
    }
  },

  async "lists names that are no text, and deletes them"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      `mkdir d; cd d; for n in '\\377x' 'a\\nb' '-rf' '\\303\\274'; do touch -- "$(printf -- "$n")"; done`,
    );
    const names = (await root.files.list(`${HERE}/d`, { depth: 1 })).map(({ name }) => name);
    expect(names).toEqual(["-rf", "a\nb", "ü", "\ufffdx"]);
    await root.files.remove(`${HERE}/d`, { recursive: true });
    expect(await listed(root)).toEqual([]);
  },

  async "deletes a file, an empty directory, and a full one only when asked to"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      "mkdir -p full/er empty keep; touch full/er/f f; ln -s keep link; touch keep/k",
    );
    await root.files.remove(`${HERE}/f`, { recursive: false });
    await root.files.remove(`${HERE}/empty`, { recursive: false });
    await root.files.remove(`${HERE}/link`, { recursive: true });
    const full = root.files.remove(`${HERE}/full`, { recursive: false });
    await expect(full).rejects.toMatchObject({ code: "invalid_request" });
    await root.files.remove(`${HERE}/full`, { recursive: true });
    expect(await listed(root, HERE, 2)).toEqual(["keep directory", "keep/k file"]);
    const again = root.files.remove(`${HERE}/f`, { recursive: true });
    await expect(again).rejects.toMatchObject({ code: "file_not_found" });
    const all = root.files.remove("/", { recursive: true });
    await expect(all).rejects.toMatchObject({ code: "invalid_request" });
  },

  async "deletes a tree that is deeper than a path can be"(bench) {
    const root = await bench.prepare();
    await bench.run(root, ["perl", "-e", "for (1..900) { mkdir 'dddd'; chdir 'dddd' or die }"]);
    const all = await root.files.list(HERE, { depth: 1_000_000 });
    expect(all.length).toBeGreaterThan(500);
    await root.files.remove(`${HERE}/dddd`, { recursive: true });
    expect(await listed(root)).toEqual([]);
  },

  async "lists and deletes 5,000 files, and lets others have their turn meanwhile"(bench) {
    const root = await bench.prepare();
    await bench.run(root, [
      "perl",
      "-e",
      "mkdir 'many'; for (1..5000) { open my $f, '>', \"many/$_\" }",
    ]);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    expect(await root.files.list(`${HERE}/many`, { depth: 1 })).toHaveLength(5_000);
    expect(turns).toBeGreaterThan(1);
    await root.files.remove(`${HERE}/many`, { recursive: true });
    clearInterval(timer);
    expect(await listed(root)).toEqual([]);
  },

  async "stops listing and deleting when it is told to"(bench) {
    const root = await bench.prepare();
    await bench.run(root, [
      "perl",
      "-e",
      "mkdir 'many'; for (1..1000) { open my $f, '>', \"many/$_\" }",
    ]);
    for (const work of [
      (signal: AbortSignal) => root.files.list(`${HERE}/many`, { depth: 1, signal }),
      (signal: AbortSignal) => root.files.remove(`${HERE}/many`, { recursive: true, signal }),
    ]) {
      const stop = new AbortController();
      const done = work(stop.signal);
      stop.abort(new Error("enough"));
      await expect(done).rejects.toThrow("enough");
    }
    expect((await root.files.list(`${HERE}/many`, { depth: 1 })).length).toBeGreaterThan(500);
  },

  async "reaches nothing outside by any word, whatever a link points at"(bench) {
    const root = await bench.prepare();
    const outside = await makeOutside(bench);
    const before = await outside.state();
    await bench.sh(
      root,
      `ln -s ${outside.directory} whole; ln -s ${outside.directory}/secret file; mkdir mine; touch mine/f; ln -s ../whole mine/up`,
    );
    for (const path of [
      "whole",
      "whole/secret",
      "whole/inner",
      "file",
      "mine/up",
      "mine/up/inner",
    ]) {
      for (const result of await everyWord(root, `${HERE}/${path}`)) {
        expect(JSON.stringify(result) ?? "", path).not.toContain("deep");
      }
    }
    expect(await outside.state()).toBe(before);
  },

  async "stays inside while a command swaps a directory for a link under each word"(bench) {
    const root = await bench.prepare();
    const outside = await makeOutside(bench);
    const before = await outside.state();
    const swap = `while :; do mkdir -p d/inner; echo x > d/secret; echo x > d/inner/deeper; mv -T d e; ln -sfn ${outside.directory} d; rm -f d; rm -rf e; done`;
    const command = await bench.start(root, ["sh", "-c", swap]);
    for (let round = 0; round < 60; round++) {
      for (const path of ["d", "d/secret", "d/inner"]) {
        for (const result of await everyWord(root, `${HERE}/${path}`)) {
          expect(JSON.stringify(result) ?? "").not.toContain('inner/deep"');
        }
      }
    }
    await command.signal(9);
    expect(await outside.state()).toBe(before);
  },
};

/** Each word that can be said of a path; what is refused by a promised code is an answer, too. */
async function everyWord(root: Root, path: string): Promise<unknown[]> {
  const { files } = root;
  const ways = [
    () => files.stat(path),
    () => files.list(path, { depth: 3 }),
    () => files.setPermissions(path, { mode: 0o777 }),
    () => files.setMetadata(path, { a: "b" }),
    () => files.move(`${path}`, `${path}-moved`),
    () => files.move(`${HERE}/mine`, `${path}/mine`),
    () => files.remove(path, { recursive: true }),
    () => files.makeDirectory(`${path}/made`, { recursive: true }),
  ];
  const results: unknown[] = [];
  for (const way of ways) {
    results.push(await way().catch((error: unknown) => String(error)));
  }
  return results;
}
