import { expect, test } from "vitest";
import { projectWithSandbox, startAsAgent } from "../../testing/new-project.ts";
import { nextEvent } from "../../testing/next-event.ts";
import { scriptedAgent } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";
import { type LookRequest, seeApp } from "./see-app.ts";

/** Listens on 3000 at once, and answers when there is a file `go`, with a failure of its own. */
const SLOW = `node -e '
  const { existsSync, watch } = require("node:fs");
  require("node:http").createServer((_request, response) => {
    const answer = () => existsSync("go") && response.writeHead(502).end();
    watch(".", answer); answer();
  }).listen(3000, () => console.log("up"));
'`;

test("an app is up when it has answered: neither the engine's page nor a connection that is taken is an answer", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { records } = temporary.studio;
  const project = await projectWithSandbox(temporary.studio, { autoFix: false });
  const { id, sandbox, sandboxId } = project;
  const look = (more: Partial<LookRequest> = {}) =>
    seeApp({
      sandbox,
      background: records.ofSandbox(sandboxId),
      expectedPort: undefined,
      upAt: undefined,
      isAtWork: false,
      patienceMs: 60_000,
      ...more,
    });
  expect(await look()).toMatchObject({ state: { phase: "stopped" }, isSlow: false });
  expect(await look({ isAtWork: true })).toMatchObject({ state: { phase: "starting" } });
  // What the user runs may be anything.
  const users = await temporary.studio.commands.start(sandboxId, { command: "sleep 1000" });
  expect(await look()).toMatchObject({ state: { phase: "stopped" }, mayChange: true });
  const killed = nextEvent(temporary.studio, id, "command");
  await temporary.studio.commands.kill(sandboxId, users.cmdId, "SIGKILL");
  await killed;
  expect(await look()).toMatchObject({ state: { phase: "stopped" }, mayChange: false });

  const cmdId = await startAsAgent(project, SLOW);
  const command = await sandbox.getCommand(cmdId);
  for await (const { data } of command.logs()) if (data.includes("up")) break;
  const patienceMs = 300;
  expect(await look({ patienceMs })).toMatchObject({
    state: { phase: "waiting", cmdId },
    isSlow: true,
  });
  // Of a program that somebody else started nothing is known but its silence.
  expect(await look({ patienceMs, background: [] })).toEqual({
    state: { phase: "waiting", port: 3000, message: "Waiting for an answer from port 3000." },
    isSlow: true,
    mayChange: true,
  });
  expect(await look({ patienceMs, upAt: 3000 })).toMatchObject({
    state: { phase: "up", port: 3000 },
    isSlow: true,
  });

  await sandbox.writeFiles([{ path: "go", content: "" }]);
  expect(await look()).toMatchObject({ state: { phase: "up", port: 3000 }, isSlow: false });
  const ended = nextEvent(temporary.studio, id, "command");
  await command.kill("SIGKILL");
  await ended;
  expect(await look({ upAt: 3000 })).toMatchObject({
    state: { phase: "crashed", exitCode: 137, lastLines: ["up"] },
    isSlow: false,
  });
});
