import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../lib/testing/temporary-directory.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const more = new EventTarget();
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      more.dispatchEvent(new Event("text"));
    });
  }
  const exited = once(child, "exit");
  return {
    child,
    exited,
    async until(pattern: RegExp): Promise<RegExpExecArray> {
      while (true) {
        const match = pattern.exec(said);
        if (match) return match;
        await Promise.race([once(more, "text"), exited]);
        if (child.exitCode !== null && !pattern.test(said)) throw new Error(`It said:\n${said}`);
      }
    },
  };
}

test("prints where it is, keeps its keys to itself, and ends on Ctrl-C", async () => {
  await using directory = await temporaryDirectory();
  const state = join(directory.path, "state");
  const project = fileURLToPath(new URL("testing/project", import.meta.url));
  const main = start("--state", state, "--project", project, "--port", "0");
  const [, url] = await main.until(/export TRIGGER_API_URL=(\S+)\n/);
  const [, key] = await main.until(/export TRIGGER_SECRET_KEY=(\S+)\n/);
  const headers = { authorization: `Bearer ${key}` };
  expect((await fetch(`${url}/api/v1/runs`, { headers })).status).toBe(200);
  const [, page] = await main.until(/output: (\S+)/);
  expect((await fetch(page!, { redirect: "manual" })).status).toBe(302);
  expect(((await stat(join(state, "keys.json"))).mode & 0o777).toString(8)).toBe("600");
  main.child.kill("SIGINT");
  expect(await main.exited).toEqual([0, null]);
  await expect(fetch(`${url}/api/v1/runs`)).rejects.toThrow("fetch failed");
});
