import { expect, test } from "vitest";
import { programFolder } from "../testing/program-folder.ts";
import { runProgram } from "../testing/run-program.ts";
import { temporaryHome } from "../testing/temporary-home.ts";

const register = new URL("./index.ts", import.meta.url).href;
const preload = ["--import", register];
const SDKS = {
  "@vercel/sandbox": "@vercel/sandbox",
  "sdk-1.10": "vercel-sandbox-1.10",
  "sdk-0.0.17": "vercel-sandbox-0.0.17",
};

/** A job as programs for each version do it; it prints what it saw. */
const job = (more: string) => `
  const sandbox = await Sandbox.create({ ${more} ports: [3000], timeout: 60_000 });
  const command = await sandbox.runCommand("sh", ["-c", "echo out; exit 3"]);
  await sandbox.writeFiles([{ path: "a.txt", content: Buffer.from("text") }]);
  const file = await sandbox.readFile({ path: "a.txt" });
  let text = "";
  for await (const chunk of file) text += chunk;
  const url = sandbox.domain(3000);
  const asked = await fetch(url);
  const preview = await fetch("https://" + sandbox.routes[0].subdomain + ".vercel.run/path");
  const unknown = await fetch("https://sb-000000000000.vercel.run/");
  await sandbox.stop();
  console.log(JSON.stringify({
    exitCode: command.exitCode,
    output: await command.stdout(),
    text,
    url: url.replace(/\\d+$/, "PORT"),
    statuses: [asked.status, preview.status, unknown.status],
  }));
`;
const SEEN = {
  exitCode: 3,
  output: "out\n",
  text: "text",
  url: "http://localhost:PORT",
  // Nothing listens in the sandbox, and nobody knows the last one.
  statuses: [502, 502, 502],
};

function esm(sdk: string, more = ""): string {
  return `import { Sandbox } from "${sdk}";\n${job(more)}`;
}

function cjs(sdk: string, more = ""): string {
  return `const { Sandbox } = require("${sdk}");\n(async () => {${job(more)}})();`;
}

async function expectJob(args: string[], options: { cwd: string; env: Record<string, string> }) {
  const { exitCode, stdout, stderr } = await runProgram(args, options);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual(SEEN);
}

test("takes unmodified programs for every SDK to the engine, as ES modules and as CommonJS", async () => {
  await using home = await temporaryHome();
  await using folder = await programFolder({
    packages: SDKS,
    files: {
      "now.mjs": esm("@vercel/sandbox", 'runtime: "node24",'),
      "now.cjs": cjs("@vercel/sandbox"),
      "one.mjs": esm("sdk-1.10"),
      "one.cjs": cjs("sdk-1.10"),
      "zero.mjs": esm("sdk-0.0.17"),
      "zero.cjs": cjs("sdk-0.0.17"),
    },
  });
  for (const file of ["now.mjs", "now.cjs", "one.mjs", "one.cjs", "zero.mjs", "zero.cjs"]) {
    await expectJob([...preload, file], { cwd: folder.path, env: home.env });
  }
});

test("works from NODE_OPTIONS and from --require, too", async () => {
  await using home = await temporaryHome();
  await using folder = await programFolder({
    packages: SDKS,
    files: { "now.cjs": cjs("@vercel/sandbox") },
  });
  const options = { cwd: folder.path, env: home.env };
  await expectJob(["now.cjs"], {
    ...options,
    env: { ...home.env, NODE_OPTIONS: preload.join(" ") },
  });
  await expectJob(["--require", new URL(register).pathname, "now.cjs"], options);
});

test("is inherited by worker threads, forks and programs that are spawned by name", async () => {
  await using home = await temporaryHome();
  await using folder = await programFolder({
    packages: SDKS,
    files: {
      "now.mjs": esm("@vercel/sandbox"),
      "parent.mjs": `
        import { execFileSync, fork } from "node:child_process";
        import { once } from "node:events";
        import { Worker } from "node:worker_threads";
        await once(new Worker("./now.mjs"), "exit");
        await once(fork("./now.mjs"), "exit");
        process.stdout.write(execFileSync("node", ["now.mjs"], { cwd: process.cwd() }));
      `,
    },
  });
  const { exitCode, stdout, stderr } = await runProgram([...preload, "parent.mjs"], {
    cwd: folder.path,
    env: home.env,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([SEEN, SEEN, SEEN]);
});

test("also works in Node before 22.15, which has other hooks for modules", async () => {
  await using home = await temporaryHome();
  await using folder = await programFolder({
    packages: SDKS,
    files: {
      "older.mjs": 'import module from "node:module"; delete module.registerHooks;',
      "now.mjs": esm("@vercel/sandbox"),
      "now.cjs": cjs("@vercel/sandbox"),
    },
  });
  for (const file of ["now.mjs", "now.cjs"]) {
    const args = ["--import", "./older.mjs", ...preload, file];
    await expectJob(args, { cwd: folder.path, env: home.env });
  }
});

test("changes the SDK inside a bundle, whatever its names have become", async () => {
  await using home = await temporaryHome();
  await using folder = await programFolder({
    files: {
      "bundle.mjs": `
        const e = { subdomain: "sb-1", url: "http://localhost:1" };
        console.log(\`https://\${e.subdomain}.vercel.run\`, "https://".concat(e.subdomain, ".vercel.run"));
      `,
    },
  });
  const { stdout } = await runProgram([...preload, "bundle.mjs"], {
    cwd: folder.path,
    env: home.env,
  });
  expect(stdout).toBe("http://localhost:1 http://localhost:1\n");
});

test("does nothing at all where the engine is the real cloud", async () => {
  await using folder = await programFolder({
    files: {
      "look.mjs": `
        console.log(fetch.toString().includes("native code") || fetch.name === "fetch", {
          token: process.env.VERCEL_OIDC_TOKEN,
          options: process.env.NODE_OPTIONS,
          registered: Symbol.for("sandlot.registered") in globalThis,
        });
      `,
    },
  });
  const { stdout } = await runProgram([...preload, "look.mjs"], {
    cwd: folder.path,
    env: { SANDLOT_ENGINE: "vercel" },
  });
  expect(stdout).toBe("true { token: undefined, options: undefined, registered: false }\n");
});

test("ends the program with the setting's name when a setting is wrong", async () => {
  await using folder = await programFolder({ files: { "none.mjs": "console.log('ran')" } });
  const { exitCode, stdout, stderr } = await runProgram([...preload, "none.mjs"], {
    cwd: folder.path,
    env: { SANDLOT_ENGINE: "cloud" },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toContain('SANDLOT_ENGINE is "cloud", which is not allowed.');
});

test("leaves every other request as it was, with its own dispatcher", async () => {
  await using home = await temporaryHome();
  await using folder = await programFolder({
    packages: { undici: "undici" },
    files: {
      "other.mjs": `
        import { createServer } from "node:http";
        import { Agent } from "undici";
        const server = createServer(({ headers }, response) => response.end(headers.authorization ?? "none"));
        await new Promise((done) => server.listen(0, "127.0.0.1", done));
        let used = 0;
        class Counting extends Agent { dispatch(...call) { used++; return super.dispatch(...call); } }
        const dispatcher = new Counting();
        const url = "http://127.0.0.1:" + server.address().port;
        const answer = await fetch(new Request(url, { headers: { authorization: "Bearer mine" } }), { dispatcher });
        console.log(await answer.text(), used, answer.url === url + "/");
        await dispatcher.close();
        server.close();
      `,
    },
  });
  const { stdout, stderr } = await runProgram([...preload, "other.mjs"], {
    cwd: folder.path,
    env: home.env,
  });
  expect({ stdout, stderr }).toEqual({ stdout: "Bearer mine 1 true\n", stderr: "" });
});
