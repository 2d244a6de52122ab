import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { mergeLayers } from "./merge-layers.ts";

/** All that can be seen of a tree, by an overlay of the layers over the base. */
const DESCRIBE =
  "cd merged && find . -mindepth 1 -printf '%p %y %m %U:%G %l ' '(' -type d -printf '%Ts\\n' -o -printf '%s %T@\\n' ')' | sort && find . -type f -exec md5sum {} + | sort";

function inNamespace(directory: string, script: string): string {
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    ["--user", "--map-root-user", "--mount", "--", "sh", "-ec", script],
    // Names are bytes.
    { cwd: directory, encoding: "latin1" },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Makes layers as sandboxes do: each by writing into an overlay of those before it. */
function writeLayers(directory: string, steps: readonly string[]): string[] {
  mkdirSync(join(directory, "merged"));
  const layers: string[] = [];
  for (const [index, step] of steps.entries()) {
    mkdirSync(join(directory, `upper${index}`));
    mkdirSync(join(directory, `work${index}`));
    const lower = [...layers, "base"].join(":");
    inNamespace(
      directory,
      `mount -t overlay overlay -o lowerdir=${lower},upperdir=upper${index},workdir=work${index},userxattr merged
      cd merged; ${step}`,
    );
    layers.unshift(`upper${index}`);
  }
  return layers;
}

function seen(directory: string, layers: readonly string[]): string {
  const lower = [...layers, "base"].join(":");
  return inNamespace(
    directory,
    `mount -t overlay overlay -o lowerdir=${lower},userxattr merged; ${DESCRIBE}`,
  );
}

const STEPS = [
  "echo one > file; mkdir -p a/b/c; echo deep > a/b/c/deep; ln -s a link; ln file hard; rm base-file; mkdir was-file-dir",
  "rm -r a; mkdir a; echo new > a/new; rm base-dir/inner; echo changed >> base-dir/other",
  "rm -r base-dir; echo now-a-file > base-dir; mkfifo pipe; chmod 751 a; touch -d 2001-02-03 a",
  "rm base-dir; mkdir -p base-dir/again; echo x > base-dir/again/x; rm file; mkdir file; echo y > file/y",
  "rm -r was-file-dir; chmod 000 a/new; mkdir -m 0 shut; ln -s nowhere dangling; echo 'odd' > \"$(printf 'odd\\nname')\"",
  String.raw`bad=$(printf 'b\351d\377\na\303\244'); mkdir -m 750 "$bad"; echo i > "$bad/$bad"; mkdir -p "$bad/in/side"; touch -d 2001-02-03 "$bad"; long=$(printf '%0252d' 0 | tr 0 '\351'); mkdir "$long" "$long/$long"`,
  String.raw`bad=$(printf 'b\351d\377\na\303\244'); rm -r "$bad/in"; mkdir "$bad/in"; echo o >> "$bad/$bad"; long=$(printf '%0252d' 0 | tr 0 '\351'); rm -r "$long"; mkdir -m 711 "$long"`,
  "rm -r base-dir/again; mkdir base-dir/again; touch base-dir/again/empty; rm -r deleted-dir; mkdir deleted-dir",
];

async function withBase() {
  const directory = await temporaryDirectory();
  execFileSync(
    "sh",
    [
      "-c",
      "mkdir base && cd base && echo base > base-file && mkdir -p base-dir deleted-dir/x && echo i > base-dir/inner && echo o > base-dir/other && echo k > deleted-dir/x/k",
    ],
    { cwd: directory.path },
  );
  return directory;
}

test("one layer shows what several showed, whatever was deleted and made again", async () => {
  await using directory = await withBase();
  const layers = writeLayers(directory.path, STEPS);
  for (let top = 0; top < layers.length; top++) {
    const stack = layers.slice(top);
    const target = `merged-from-${top}`;
    await mergeLayers(
      stack.map((layer) => join(directory.path, layer)),
      {
        target: join(directory.path, target),
      },
    );
    expect(seen(directory.path, [target])).toBe(seen(directory.path, stack));
    // Part of a stack, too.
    expect(seen(directory.path, [...layers.slice(0, top), target])).toBe(
      seen(directory.path, layers),
    );
  }
});

test("a part of a stack from the middle can be made one", async () => {
  await using directory = await withBase();
  const layers = writeLayers(directory.path, STEPS);
  await mergeLayers(
    layers.slice(1, 4).map((layer) => join(directory.path, layer)),
    {
      target: join(directory.path, "middle"),
    },
  );
  const stack = [layers[0]!, "middle", ...layers.slice(4)];
  expect(seen(directory.path, stack)).toBe(seen(directory.path, layers));
});

test.runIf(process.getuid?.() === 0)("directories keep owners of a sandbox's range", async () => {
  await using directory = await withBase();
  const layers = writeLayers(directory.path, ["mkdir a", "echo x > file"]);
  chownSync(join(directory.path, "upper0", "a"), 1_900_001_000, 1_900_001_001);
  const target = join(directory.path, "target");
  await mergeLayers(
    layers.map((layer) => join(directory.path, layer)),
    { target },
  );
  expect(statSync(join(target, "a"))).toMatchObject({ uid: 1_900_001_000, gid: 1_900_001_001 });
});

test("files are shared, not copied", async () => {
  await using directory = await withBase();
  const layers = writeLayers(directory.path, ["head -c 1000000 /dev/zero > big", "echo x > small"]);
  const target = join(directory.path, "target");
  await mergeLayers(
    layers.map((layer) => join(directory.path, layer)),
    { target },
  );
  expect(lstatSync(join(target, "big")).ino).toBe(
    statSync(join(directory.path, "upper0", "big")).ino,
  );
});

test("a failure says what failed", async () => {
  await using directory = await temporaryDirectory();
  const target = join(directory.path, "target");
  const failing = mergeLayers([join(directory.path, "nothing")], { target });
  await expect(failing).rejects.toMatchObject({ code: "internal" });
});
