import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newId } from "../../../std/ids.ts";
import { IsolationBench } from "../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../testing/namespaces-bench.ts";

const makeIsolation = await makeNamespaces();
const reason = await whyNoNamespaces();

// Run by the sandbox's root before it is captured. What it leaves is what the next session is put together of.
const LEFT_BEHIND: Record<string, string> = {
  "a link where the host's root waits":
    "rmdir /mnt; ln -s proc/1/root/sys/oldroot /mnt; mkdir -p /oldroot /sys; ln -s ../run /sys/oldroot",
  "a link in the place of /run": "umount -l /run; rm -rf /run; ln -s /tmp /run",
  // umount2(2) by its number on x86-64 and arm64: without /usr there are no programs to do it by.
  "a link in the place of /usr":
    'perl -e \'my $at = "/usr"; syscall(`uname -m` =~ /aarch64/ ? 39 : 166, $at, 2); rmdir $at and symlink "/tmp", $at or exit 1\'',
  "a link in the place of /dev/null":
    "umount -l /dev/null; rm -f /dev/null; ln -s /etc/passwd /dev/null",
  "a link in the place of /dev/shm": "umount -l /dev/shm; rm -rf /dev/shm; ln -s /etc /dev/shm",
  "a link in the place of /proc": "cd /; umount -l /proc; rmdir /proc; ln -s /run /proc",
  "programs of its own where the engine's are looked up":
    "for name in setpriv setsid env umount mount mkdir hostname nsenter unshare; do rm -f /usr/local/sbin/$name; printf '#!/bin/true\\n' > /usr/local/sbin/$name; chmod 755 /usr/local/sbin/$name; done",
};

for (const [title, line] of Object.entries(LEFT_BEHIND)) {
  test.skipIf(reason !== undefined)(
    `a snapshot with ${title} shows nothing of the host when it is resumed`,
    async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const canary = newId("canary");
      await writeFile(join(bench.directory, "canary"), canary);
      const root = await bench.prepare();
      const { exitCode } = await bench.sh(root, line, { sudo: true });
      expect(exitCode).toBe(0);
      await root.halt({ graceMs: 0 });
      const snapshotId = newId("snap");
      await root.capture(snapshotId);
      const resumed = await bench.prepare({ snapshotId });
      const look = `for at in / /oldroot /mnt /run /run/host-root /tmp /sys /proc/1/root; do cat $at${bench.directory}/canary; done 2>/dev/null; grep -c . /proc/self/mounts; id -u`;
      const { stdout } = await bench.sh(resumed, look, { sudo: true });
      expect(stdout).not.toContain(canary);
      expect(stdout).toMatch(/^\d+\n0\n$/);
      expect((await bench.run(resumed, ["ls", "/usr/bin/env", "/dev/null"])).exitCode).toBe(0);
    },
  );
}
