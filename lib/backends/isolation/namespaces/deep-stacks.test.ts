import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Root } from "../../../engine/ports.ts";
import { newId } from "../../../std/ids.ts";
import { IsolationBench, readText } from "../../../testing/isolation-bench.ts";
import { makeNamespaces } from "../../../testing/namespaces-bench.ts";

const makeIsolation = await makeNamespaces();

async function capture(root: Root): Promise<string> {
  const snapshotId = newId("snap");
  await root.halt({ graceMs: 0 });
  await root.capture(snapshotId);
  return snapshotId;
}

/** Enough for the stack to be made one layer twice. */
const ROUNDS = 70;

test("a sandbox that is stopped and resumed many times has all its files, on few layers", async () => {
  await using bench = await IsolationBench.make(makeIsolation);
  let snapshotId: string | undefined;
  let deepest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const root = await bench.prepare({
      sandboxName: "again",
      ...(snapshotId !== undefined && { snapshotId }),
    });
    const record = join(bench.directory, "isolation", "roots", "again", "root.json");
    const { layers } = JSON.parse(await readFile(record, "utf8")) as { layers: string[] };
    deepest = Math.max(deepest, layers.length);
    const line =
      `mkdir -p d; rm -f d/${round - 3}; echo ${round} > d/${round}; echo ${round} >> all; ` +
      `rm -rf swap; ${round % 2 === 0 ? "mkdir swap; echo x > swap/inner" : "echo file > swap"}; cat all | wc -l; ls d | wc -l`;
    const { stdout } = await bench.sh(root, line);
    expect(stdout).toBe(`${round + 1}\n${Math.min(round + 1, 3)}\n`);
    const before: string | undefined = snapshotId;
    snapshotId = await capture(root);
    // As a sandbox that keeps its last snapshot only.
    if (before !== undefined && round % 10 !== 0) await bench.isolation.deleteSnapshot(before);
  }
  expect(deepest).toBeGreaterThan(20);
  expect(deepest).toBeLessThanOrEqual(48);
  const root = await bench.prepare({ snapshotId: snapshotId ?? "" });
  expect((await bench.sh(root, "ls d; cat swap; sudo id -u; stat -c %U d all")).stdout).toBe(
    `${ROUNDS - 3}\n${ROUNDS - 2}\n${ROUNDS - 1}\nfile\n0\nvercel-sandbox\nvercel-sandbox\n`,
  );
}, 240_000);

test("many forks of one snapshot at once each have its files, and their own", async () => {
  await using bench = await IsolationBench.make(makeIsolation);
  const seed = await bench.prepare();
  await bench.sh(seed, "for i in 1 2 3; do echo $i > shared$i; done");
  const snapshotId = await capture(seed);
  const forks = await Promise.all(Array.from({ length: 8 }, () => bench.prepare({ snapshotId })));
  await Promise.all(
    forks.map((fork, index) => bench.sh(fork, `echo ${index} > own; echo ${index} >> shared1`)),
  );
  const ids = await Promise.all(forks.map(capture));
  await bench.isolation.deleteSnapshot(snapshotId);
  const again = await Promise.all(ids.map((id) => bench.prepare({ snapshotId: id })));
  for (const [index, fork] of again.entries()) {
    expect(await readText(fork, "/vercel/sandbox/own")).toBe(`${index}\n`);
    expect(await readText(fork, "/vercel/sandbox/shared1")).toBe(`1\n${index}\n`);
    expect(await readText(fork, "/vercel/sandbox/shared3")).toBe("3\n");
    await fork.halt({ graceMs: 0 });
    await fork.remove();
  }
  for (const id of ids) await bench.isolation.deleteSnapshot(id);
  expect(await readdir(join(bench.directory, "isolation", "snapshots"))).toEqual([]);
});

test("a snapshot can be deleted while forks of it are being made", async () => {
  await using bench = await IsolationBench.make(makeIsolation);
  const seed = await bench.prepare();
  await bench.sh(seed, "echo there > file");
  const snapshotId = await capture(seed);
  const making = Array.from({ length: 6 }, () =>
    bench.prepare({ snapshotId }).catch((error: unknown) => error as Error),
  );
  await bench.isolation.deleteSnapshot(snapshotId);
  for (const made of await Promise.all(making)) {
    if (made instanceof Error) expect(made).toMatchObject({ code: "snapshot_gone" });
    else expect(await readText(made, "/vercel/sandbox/file")).toBe("there\n");
  }
});
