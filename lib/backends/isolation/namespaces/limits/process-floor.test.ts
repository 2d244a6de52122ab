import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runAsOrdinaryUser, whyNoOrdinaryUser } from "../../../../testing/ordinary-user.ts";
import { shellLimits } from "./process-floor.ts";

const GIGABYTE = 1024 * 1024 * 1024;
const ALL = {
  hasMemoryGroup: false,
  countsProcesses: false,
  freeBytes: 20 * GIGABYTE,
  memoryMb: 4_096,
  processes: 50,
};
const noUser = whyNoOrdinaryUser();

describe.each(["dash", "bash"].filter((name) => existsSync(`/bin/${name}`)))("in %s", (shell) => {
  test("every process is bounded that comes from it", async () => {
    const said = await ask(shell, `${shellLimits(ALL)}; dash -c 'ulimit -n; ulimit -f; ulimit -d'`);
    // A machine may allow fewer files than we ask for: then its own limit stays.
    const [hard, soft] = await ask(shell, "ulimit -H -n; ulimit -S -n");
    const files = Number(hard) >= 65_536 ? "65536" : soft;
    expect(said).toEqual([files, String((19 * GIGABYTE) / 512), String(4_096 * 1024)]);
  });

  test("what groups bound is left alone", async () => {
    const free = shellLimits({ ...ALL, hasMemoryGroup: true, countsProcesses: true });
    const count = shell === "bash" ? "-u" : "-p";
    const [data, processes] = await ask(shell, `ulimit -d; ulimit ${count}`);
    expect(await ask(shell, `${free}; ulimit -d; ulimit ${count}`)).toEqual([data, processes]);
  });

  test("what the machine bounds more tightly stays so, and is no failure", async () => {
    const limits = shellLimits({ ...ALL, memoryMb: 4_096 });
    // Root may lift a limit, but not without the power over resources.
    const script = `ulimit -d 3000000; ulimit -n 200; set -e; ${limits}; ulimit -d; ulimit -n`;
    const bound = ["setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource", "--"];
    const isRoot = process.geteuid?.() === 0;
    expect(await ask(shell, script, isRoot ? bound : [])).toEqual(["3000000", "200"]);
  });
});

test("Node starts within the tightest limits, and a program that takes too much is refused it", async () => {
  const limits = shellLimits({ ...ALL, memoryMb: 1, freeBytes: 0, countsProcesses: true });
  const program = (bytes: number) =>
    `${process.execPath} -e 'Buffer.alloc(${bytes}); console.log(1)'`;
  expect(await ask("sh", `${limits}; ${program(1_000)}`)).toEqual(["1"]);
  expect(
    await ask("sh", `${limits}; ${program(3 * GIGABYTE)} 2>/dev/null || echo refused`),
  ).toEqual(["refused"]);
});

test.skipIf(noUser)(
  `an ordinary user's processes are counted per sandbox${noUser === undefined ? "" : ` (skipped: ${noUser})`}`,
  async () => {
    const bomb = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); sleep 5 & done; echo all";
    const namespaces = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"];
    const run = async (processes: number) => {
      const script = `${shellLimits({ ...ALL, processes })}; exec "$@" 2>/dev/null`;
      const command = ["sh", "-c", script, "sh", ...namespaces, "sh", "-c", bomb];
      return (await runAsOrdinaryUser(command)).stdout;
    };
    expect(await run(400)).toBe("all\n");
    expect(await run(50)).toBe("");
  },
);

test("no amount of free space makes a limit that sh does not take", () => {
  const free = fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n }).map(Number));
  fc.assert(
    fc.property(free, (freeBytes) => {
      const [, blocks] = /ulimit -f (\S+);/.exec(shellLimits({ ...ALL, freeBytes })) ?? [];
      expect(blocks).toMatch(/^\d{7,17}$/);
    }),
  );
});

/** What the shell says as a machine's `sh`, which is how bash knows that it is to do as POSIX says. */
async function ask(
  shell: string,
  script: string,
  before: readonly string[] = [],
): Promise<string[]> {
  const asSh = shell === "bash" ? ["bash", "--posix"] : [shell];
  const words = [...before, ...asSh, "-c", script];
  const child = spawn("/usr/bin/env", ["--", ...words], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (data: Buffer) => (said += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  expect(code).toBe(0);
  return said.trim().split("\n");
}
