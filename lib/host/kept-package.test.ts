import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { COMPILED } from "../std/compile-cache.ts";
import { installPackage } from "../testing/installed-package.ts";
import { whyNoNamespaces } from "../testing/namespaces-bench.ts";
import { runProgram } from "../testing/run-program.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { temporaryHome } from "../testing/temporary-home.ts";
import { daemonStatus, stopDaemon } from "./daemon-control.ts";
import { keptPackage } from "./kept-package.ts";
import { DaemonTransport } from "./transport-daemon.ts";

async function writePackage(
  directory: string,
  { version = "1.0.0", text, ...more }: { version?: string; text: string; [more: string]: unknown },
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = { name: "any", version, main: "index.js", ...more };
  await writeFile(join(directory, "package.json"), JSON.stringify(file));
  await writeFile(join(directory, "index.js"), text);
}

/** A package whose imports are of one name in two versions, and import each other. */
async function writePackages(directory: string): Promise<string> {
  const first = join(directory, "node_modules", "first");
  const modules = join(directory, "node_modules");
  await writePackage(first, {
    text: 'console.log(require("@scope/deep"), require("twice"));',
    dependencies: { "@scope/deep": "1", twice: "1" },
    optionalDependencies: { missing: "1" },
    peerDependencies: { huge: "1" },
  });
  await writePackage(join(modules, "huge"), { text: "" });
  await writePackage(join(modules, "twice"), { text: 'module.exports = "one";' });
  const deep = join(modules, "@scope", "deep");
  await writePackage(deep, {
    text: 'module.exports = "deep, with " + require("twice") + require("around");',
    dependencies: { twice: "2", around: "1" },
  });
  await writePackage(join(deep, "node_modules", "twice"), {
    version: "2.0.0",
    text: 'module.exports = "two";',
  });
  await writePackage(join(modules, "around"), {
    text: 'exports.there = () => require("@scope/deep"); module.exports = " and back";',
    dependencies: { "@scope/deep": "1" },
  });
  return first;
}

const run = (directory: string) =>
  execFileSync(process.execPath, [join(directory, "index.js")], { encoding: "utf8" });

test("a copy runs without the package, and has each import in its importer's version", async () => {
  await using directory = await temporaryDirectory();
  const first = await writePackages(directory.path);
  const said = run(first);
  const copy = keptPackage(join(directory.path, "home"), first);
  await rm(join(directory.path, "node_modules"), { recursive: true });
  expect(run(copy)).toBe(said);
  expect(said).toBe("deep, with two and back one\n");
});

test("there is one copy for all, until the package is built anew", async () => {
  await using directory = await temporaryDirectory();
  const home = join(directory.path, "home");
  const first = await writePackages(directory.path);
  const copy = keptPackage(home, first);
  expect(keptPackage(home, first)).toBe(copy);
  await writeFile(join(first, "index.js"), 'console.log("built anew")');
  const other = keptPackage(home, first);
  expect(run(other)).toBe("built anew\n");
  expect(run(copy)).toBe("deep, with two and back one\n");
});

test("a copy goes when another is made after nobody ran from it for a week", async () => {
  await using directory = await temporaryDirectory();
  const home = join(directory.path, "home");
  const first = await writePackages(directory.path);
  const copies = [keptPackage(home, first)];
  const buildAnew = async (text: string) => {
    await writeFile(join(first, "index.js"), text);
    copies.push(keptPackage(home, first));
  };
  await buildAnew("1");
  const inUse = join(copies[0]!, "..", "..", "sandlot-in-use");
  expect(statSync(inUse).isFile()).toBe(true);
  await utimes(inUse, 0, 0);
  await buildAnew("22");
  expect(copies.map((copy) => existsSync(copy))).toEqual([false, true, true]);
  expect(await readdir(join(home, "programs"))).toHaveLength(2);
});

const Created = z.looseObject({
  session: z.looseObject({ id: z.string() }),
  routes: z.array(z.looseObject({ url: z.string() })),
});
const reason = await whyNoNamespaces();

test.skipIf(reason !== undefined)(
  `a daemon does all that it can after its package was deleted${reason ? ` (not here: ${reason})` : ""}`,
  async () => {
    await using home = await temporaryHome({ SANDLOT_ISOLATION: "namespaces" });
    await using directory = await temporaryDirectory();
    await using temporary = await temporaryDirectory();
    const installed = await installPackage(directory.path);
    const start = `import("${installed}/dist/host/index.js").then((host) => host.startDaemon(host.readSettings())).then(() => process.exit(0))`;
    const started = await runProgram(["--eval", start], {
      env: { ...home.env, TMPDIR: temporary.path },
    });
    expect(started).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const status = await daemonStatus(home.settings);
    await rm(dirname(installed), { recursive: true });

    const transport = new DaemonTransport(home.settings);
    const call = async (path: string, body: object) => {
      const response = await transport.fetch(`/vercel${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const said = await response.text();
      expect(response.status, said).toBe(200);
      return said;
    };
    const runInside = (sessionId: string, script: string, wait = true) => {
      const command = { command: "sh", args: ["-c", script], env: {}, sudo: false, wait };
      return call(`/v2/sandboxes/sessions/${sessionId}/cmd`, command);
    };
    const rules = [{ transform: [{ headers: { "x-key": "secret" } }] }];
    const create = async (more: object) =>
      Created.parse(
        JSON.parse(await call("/v3/sandboxes", { projectId: "p", ports: [3000], ...more })),
      );
    // Its network is the gateway's, with certificates of the engine's own.
    const made = await create({ name: "late", networkPolicy: { allow: { "a.example": rules } } });
    const session = made.session.id;
    // A file that the process makes that makes files, and a port that the agent in the sandbox reaches.
    await call(`/v2/sandboxes/sessions/${session}/fs/mkdir`, {
      path: "made",
      cwd: "/vercel/sandbox",
    });
    const server = `require("node:http").createServer((_, answer) => answer.end("late answer")).listen(3000, () => console.log("up"))`;
    await runInside(
      session,
      `cd made && (node -e '${server}' >log 2>&1 &) ; until grep -q up log; do sleep 0.1; done`,
    );
    expect(await (await fetch(made.routes[0]!.url)).text()).toBe("late answer");
    const snapshot = z
      .looseObject({ snapshot: z.looseObject({ id: z.string() }) })
      .parse(JSON.parse(await call(`/v2/sandboxes/sessions/${session}/snapshot`, {})));
    const again = await create({ source: { type: "snapshot", snapshotId: snapshot.snapshot.id } });
    expect(await runInside(again.session.id, "cat made/log")).toContain('"exitCode":0');
    expect((await daemonStatus(home.settings))?.pid).toBe(status?.pid);

    // What it compiled, for its next start, is where the copy is, and nowhere else.
    await stopDaemon(home.settings, { stopSandboxes: true });
    const copies = join(home.home, "programs");
    const [copy = ""] = await readdir(copies);
    expect(await readdir(join(copies, copy, "0", "package", COMPILED))).toHaveLength(1);
    expect(await readdir(temporary.path)).toEqual([]);
  },
  120_000,
);
