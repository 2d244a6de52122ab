import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { findHolder, outerFiles } from "../backends/isolation/namespaces/outer/outer-files.ts";
import { isRunning } from "../testing/is-running.ts";
import { callingProgram, ORDINARY_USER, whyNoOrdinaryUser } from "../testing/ordinary-user.ts";
import { whyNoNamespaces } from "../testing/namespaces-bench.ts";
import { type RangeRun, rangeUser, type RangeUser } from "../testing/range-user.ts";
import { StatusAnswer } from "./host-answers.ts";
import { outerFolder } from "./isolation-folders.ts";
import { stateFolder } from "./state-folder.ts";

const reason = whyNoOrdinaryUser() ?? (await whyNoNamespaces());
const because = reason === undefined ? "" : ` (not here: ${reason})`;
const OUTERS = new URL("../testing/open-outers.ts", import.meta.url);
const CLIENT = new URL("../testing/daemon-client.ts", import.meta.url).pathname;

interface Client {
  /** Has a program of the user's do something, and gives what it says. */
  call(words: readonly string[], options?: RangeRun): Promise<string>;
  status(): Promise<StatusAnswer>;
  /** The process that holds the daemon's namespaces; undefined when there is none. */
  holder(): Promise<number | undefined>;
  log(): Promise<string>;
  home: string;
}

function clientOf(user: RangeUser, name = "state"): Client {
  const home = join(user.home, name);
  const folder = stateFolder(home);
  const log = () => readFile(folder.log, "utf8");
  const call: Client["call"] = async (words, options = {}) => {
    const env = { SANDLOT_ENGINE: "daemon", SANDLOT_HOME: home, ...options.env };
    const ran = await user.run([process.execPath, CLIENT, ...words], { ...options, env });
    if (ran.exitCode === 0) return ran.stdout;
    const said = await log().catch(() => "none"); // It never came to be.
    throw new Error(`${ran.stdout}${ran.stderr}The daemon's log:\n${said}`);
  };
  return {
    call,
    status: async () => StatusAnswer.parse(JSON.parse(await call(["status"]))),
    holder: () => findHolder(outerFiles(outerFolder(folder.isolation))),
    log,
    home,
  };
}

test.skipIf(reason !== undefined)(
  `an ordinary user's daemon with a range of ids gives sandboxes real users, and outlives nothing${because}`,
  async () => {
    await using user = await rangeUser();
    const { call, status, holder, home } = clientOf(user);
    await call(["create", "one"]);
    const first = await status();
    expect(first).toMatchObject({
      isolation: "namespaces",
      features: { users: { offered: true } },
    });
    expect(JSON.stringify(first.features)).not.toContain("container");
    expect((await stat(first.socketPath!)).uid).toBe(ORDINARY_USER.uid);
    const users =
      "sudo useradd -m bob && sudo sh -c 'echo his >/home/bob/f && chown bob /home/bob/f'";
    expect(await call(["run", "one", `${users} && stat -c %U /home/bob/f`])).toBe("bob\n");
    const held = await holder();
    expect(held).toBeDefined();

    // The next one finds the same namespaces, and so the session.
    process.kill(first.pid, "SIGKILL");
    await untilEnded(first.pid);
    expect(await call(["run", "one", "sudo cat /home/bob/f; cat /home/bob/f"])).toBe("his\nhis\n");
    const second = await status();
    expect(second.pid).not.toBe(first.pid);
    expect(await holder()).toBe(held);

    // While a session runs, its namespaces wait for whoever comes.
    await call(["end"]);
    expect(await holder()).toBe(held);
    expect(await user.processes()).toContain(held);
    await call(["stop", "one"]);
    await call(["end"]);
    await untilEnded(held!);
    await untilNothingRuns(user);
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(user.home);

    // Snapshots are found in the next namespaces, which have the same ids.
    expect(await call(["run", "one", "stat -c %U /home/bob/f"])).toBe("bob\n");
    const last = await holder();
    expect(last).not.toBe(held);
    await call(["delete", "one"]);
    // A daemon that dies with nothing running leaves nothing, though it could not say so.
    process.kill((await status()).pid, "SIGKILL");
    await untilEnded(last!);
    await untilNothingRuns(user);
    expect(await readRecordOf(home)).toBeUndefined();
  },
  300_000,
);

/** Nobody is told of the end of a process that another started. */
async function untilEnded(pid: number): Promise<void> {
  await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
}

/** What was started for a daemon ends with it, and a moment later than the holder may be. */
async function untilNothingRuns(user: RangeUser): Promise<void> {
  await expect.poll(() => user.processes(), { timeout: 30_000 }).toEqual([]);
}

async function readRecordOf(home: string): Promise<unknown> {
  const { record } = outerFiles(outerFolder(stateFolder(home).isolation));
  return readFile(record, "utf8").catch(() => undefined); // As it should be: it is gone.
}

test.skipIf(reason !== undefined)(
  `daemons that are started at once are held by one process, which ends when none came of it${because}`,
  async () => {
    await using user = await rangeUser();
    const program = callingProgram(OUTERS, "openOuters", 6);
    const { stdout, stderr } = await user.run(program);
    const [first, ...others] = z.array(z.string()).parse(JSON.parse(stdout || stderr));
    expect(others).toEqual(Array(5).fill(first));
    await untilEnded(Number(first));
    await untilNothingRuns(user);
  },
);

test.skipIf(reason !== undefined)(
  `sessions whose namespaces are lost with their holder are ended, and their files kept${because}`,
  async () => {
    await using user = await rangeUser();
    // A path that is too long for a socket: both sides have to find the same other place for it.
    const { call, status, holder, log } = clientOf(user, "state".repeat(20));
    await call(["create", "one"]);
    await call(["run", "one", "echo kept >f; sudo chown 4242 f"]);
    const { pid } = await status();
    const held = await holder();
    for (const each of [pid, held!]) {
      process.kill(each, "SIGKILL");
      await untilEnded(each);
    }
    expect((await user.processes()).length).toBeGreaterThan(0);
    expect(await call(["run", "one", "cat f; stat -c %u f"])).toBe("kept\n4242\n");
    expect(await log()).toContain("the process that held its user namespace is gone");
    const next = await holder();
    expect(next).toBeDefined();
    await call(["end", "all"]);
    await untilEnded(next!);
    await untilNothingRuns(user);
  },
  300_000,
);

test.skipIf(reason !== undefined)(
  `what was made without a range is taken over once nothing of it runs, and not given back${because}`,
  async () => {
    await using user = await rangeUser();
    const { call, status, holder, log } = clientOf(user);
    const without = { withoutRange: true };
    await call(["create", "one"], without);
    const script = "echo mine >f; mkdir ~/d; sudo sh -c 'echo system >/etc/of-system'";
    await call(["run", "one", script], without);
    expect((await status()).features["users"]).toMatchObject({ offered: false });
    await call(["end"]);
    // A session that runs is not left alone for the sake of a range.
    expect(await call(["run", "one", "cat f"])).toBe("mine\n");
    expect((await status()).features["users"]).toMatchObject({ offered: false });
    expect(await holder()).toBeUndefined();
    expect(await log()).toContain("is not used while sessions without it run");
    await call(["stop", "one"]);
    await call(["end"]);
    const owners = "cat f /etc/of-system && stat -c %U f ~/d /etc/of-system && echo more >>f";
    const owned = await call(["run", "one", owners]);
    const said = await log();
    expect(owned, said).toBe("mine\nsystem\nvercel-sandbox\nvercel-sandbox\nroot\n");
    expect(said).toContain("get the owners that they have with a range of ids");
    await call(["end", "all"]);
    const embedded = call(["run", "one", "cat f"], { env: { SANDLOT_ENGINE: "embedded" } });
    await expect(embedded).rejects.toThrow(/have ids of the range that newuidmap gives/);
    await expect(call(["run", "one", "cat f"], without)).rejects.toThrow(/SANDLOT_ENGINE=daemon/);
    expect(await call(["run", "one", "cat f"])).toBe("mine\nmore\n");
    await call(["end", "all"]);
  },
  300_000,
);

test.skipIf(reason !== undefined)(
  `a range that is refused is done without, and the log says why${because}`,
  async () => {
    await using user = await rangeUser();
    const { call, status, holder, log } = clientOf(user);
    // Refused as by an administrator's file that somebody has changed meanwhile.
    await user.takeBack();
    await call(["create", "one"]);
    expect((await status()).features["users"]).toMatchObject({ offered: false });
    expect(await holder()).toBeUndefined();
    expect(await log()).toMatch(/range of ids that newuidmap gives is not used.*Target process/);
    await call(["end", "all"]);
    await untilNothingRuns(user);
  },
  300_000,
);
