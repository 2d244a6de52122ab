import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { connect, type Connection } from "../harness.ts";
import { proves } from "../proves.ts";
import { DIALECTS, makeProject, packLibrary, runner, vendorPackage } from "./project.ts";

let connection: Connection & AsyncDisposable;
let library: Awaited<ReturnType<typeof packLibrary>>;
/** A daemon runs on the files of the project that started it: all stay until it has ended. */
const projects: AsyncDisposable[] = [];

async function keptProject(...args: Parameters<typeof makeProject>) {
  const project = await makeProject(...args);
  projects.push(project);
  return project;
}

beforeAll(async () => {
  connection = await connect("daemon");
  library = await packLibrary();
});

afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  for (const project of projects) await project[Symbol.asyncDispose]();
  await library[Symbol.asyncDispose]();
});

type Dialect = keyof typeof DIALECTS;

function answer(dialect: Dialect): string {
  return `a program for ${dialect} has done its work\n`;
}

async function withPreload(dialect: Dialect): Promise<string> {
  const { program, vendor } = DIALECTS[dialect];
  const project = await keptProject({
    "@vercel/sandbox": vendorPackage(vendor),
    sandlot: library.path,
  });
  await project.add(program);
  await project.write("run.mjs", runner(program));
  return await project.node("--import", "sandlot/register", "run.mjs");
}

async function withAlias(dialect: Dialect): Promise<string> {
  const { program } = DIALECTS[dialect];
  const project = await keptProject({ "@vercel/sandbox": library.path });
  await project.add(program);
  await project.write("run.mjs", runner(program));
  return await project.node("run.mjs");
}

async function withVitest(dialect: Dialect): Promise<string> {
  const { program, vendor } = DIALECTS[dialect];
  const project = await keptProject({
    "@vercel/sandbox": vendorPackage(vendor),
    sandlot: library.path,
  });
  await project.add(program);
  await project.write(
    "vitest.config.mjs",
    `export default { resolve: { alias: { "@vercel/sandbox": "sandlot" } } };\n`,
  );
  await project.write(
    "program.test.mjs",
    `import { expect, test } from "vitest";
    import { main } from "./${program}";
    test("works", async () => expect(await main()).toBe(${JSON.stringify(answer(dialect).trim())}), 60_000);`,
  );
  const reporting = ["--reporter=json", "--outputFile=report.json"];
  await project.node("node_modules/vitest/vitest.mjs", "run", ...reporting);
  const report = await readFile(join(project.path, "report.json"), "utf8");
  const { numPassedTests, numTotalTests } = JSON.parse(report) as Record<string, number>;
  return numPassedTests === 1 && numTotalTests === 1 ? answer(dialect) : report;
}

async function withImport(dialect: Dialect): Promise<string> {
  const { program } = DIALECTS[dialect];
  const project = await keptProject({ sandlot: library.path });
  await project.add(program, (text) => text.replaceAll('"@vercel/sandbox', '"sandlot'));
  await project.write("run.mjs", runner(program));
  return await project.node("run.mjs");
}

describe("a program for 3.x", () => {
  proves("WAY-001")("runs unchanged under the preload", async () => {
    expect(await withPreload("3.x")).toBe(answer("3.x"));
  });
  proves("WAY-002")("runs unchanged with the package aliased", async () => {
    expect(await withAlias("3.x")).toBe(answer("3.x"));
  });
  proves("WAY-003")("runs unchanged under vitest's alias", async () => {
    expect(await withVitest("3.x")).toBe(answer("3.x"));
  });
  proves("WAY-004")("runs with its import changed", async () => {
    expect(await withImport("3.x")).toBe(answer("3.x"));
  });
});

describe("a program for 0.0.17", () => {
  proves("WAY-005")("runs unchanged under the preload", async () => {
    expect(await withPreload("0.0.17")).toBe(answer("0.0.17"));
  });
  proves(
    "WAY-006",
    "DIA-001",
    "DIA-002",
  )("runs unchanged with the package aliased", async () => {
    expect(await withAlias("0.0.17")).toBe(answer("0.0.17"));
  });
  proves(
    "WAY-007",
    "DIA-001",
    "DIA-002",
  )("runs unchanged under vitest's alias", async () => {
    expect(await withVitest("0.0.17")).toBe(answer("0.0.17"));
  });
  proves(
    "WAY-008",
    "DIA-001",
    "DIA-002",
  )("runs with its import changed", async () => {
    expect(await withImport("0.0.17")).toBe(answer("0.0.17"));
  });
});

describe("the preload", () => {
  proves("WAY-009")("serves CommonJS", async () => {
    const project = await keptProject({
      "@vercel/sandbox": vendorPackage("@vercel/sandbox"),
      sandlot: library.path,
    });
    await project.add("common-js.cjs");
    await project.write("run.cjs", runner("common-js.cjs"));
    const printed = await project.node("--import", "sandlot/register", "run.cjs");
    expect(printed).toBe("a CommonJS program has done its work\n");
  });

  proves("WAY-010")("lets no sandbox call reach another host", async () => {
    const project = await keptProject({ sandlot: library.path });
    // Whatever leaves this process is noticed before it is sent.
    await project.write(
      "watch.mjs",
      `import net from "node:net";
      import dns from "node:dns";
      const connect = net.Socket.prototype.connect;
      net.Socket.prototype.connect = function (...args) {
        const { host, path } = Object(Array.isArray(args[0]) ? args[0][0] : args[0]);
        if (!path && !/^(localhost|127\\.|::1)/.test(String(host))) console.log("LEFT", host);
        return connect.apply(this, args);
      };
      const lookup = dns.lookup;
      dns.lookup = (name, ...rest) => (console.log("ASKED", name), lookup(name, ...rest));`,
    );
    await project.write(
      "run.mjs",
      `for (const [method, url] of [
        ["GET", "https://vercel.com/api/v2/sandboxes?teamId=team_1"],
        ["POST", "https://vercel.com/api/v3/sandboxes"],
        ["GET", "https://vercel.com/api/v1/sandboxes/sbx_1"],
        ["GET", "https://api.vercel.com/v2/sandboxes"],
        ["GET", "https://sb-abcdefghijkl.vercel.run/"],
        ["GET", "https://vercel.com/api/v2/user"],
      ]) {
        const init = { method, headers: { authorization: "Bearer secret" } };
        const told = await fetch(url, init).then((r) => r.status, (error) => error.code ?? error.name);
        console.log(method, url, told);
      }
      process.exit();`,
    );
    const printed = await project.node(
      "--import",
      "./watch.mjs",
      "--import",
      "sandlot/register",
      "run.mjs",
    );
    expect(printed).not.toMatch(/^(LEFT|ASKED)/m);
    expect(printed.trim().split("\n")).toHaveLength(6);
  });
});
