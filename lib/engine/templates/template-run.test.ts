import { join } from "node:path";
import { expect, test } from "vitest";
import type { BuildLogLine } from "../../contract/template.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import { BuildCommands } from "./template-run.ts";
import { prepareRequest } from "../../testing/prepare-request.ts";

test("a command that never ends its line takes no more memory than is kept of one", async () => {
  await using the = await temporaryEngine();
  const { isolation, clock, log } = the.parts;
  const root = await isolation.prepare(
    prepareRequest({ sessionId: "sbx_build", sandboxName: "build" }),
  );
  const directory = join(the.directory, "outputs");
  await using commands = new BuildCommands({ directory, isolation, clock, log });
  const said: Omit<BuildLogLine, "at">[] = [];
  const { exitCode } = await commands.run(
    root,
    {
      line: "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo next",
      env: {},
      cwd: "/vercel/sandbox",
      user: "vercel-sandbox",
      signal: AbortSignal.timeout(30_000),
    },
    (line) => void said.push(line),
    3,
  );
  expect(exitCode).toBe(0);
  const [long, ...rest] = said;
  expect(rest).toEqual([{ level: "info", message: "next", step: 3 }]);
  // What is kept of it, and the last piece that came.
  expect(long?.message).toMatch(/^x+$/);
  expect(long?.message.length).toBeGreaterThan(8_192);
  expect(long?.message.length).toBeLessThan(100_000);
  await root.halt({ graceMs: 0 });
  await root.remove();
});
