import { once } from "node:events";
import { Sandbox } from "sandlot";
import { expect, test } from "vitest";
import WebSocket from "ws";
import { projectWithSandbox, startAsAgent, userMessage } from "../../testing/new-project.ts";
import { nextEvent } from "../../testing/next-event.ts";
import { says, type Script, scriptedAgent } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";

/** A page's server that takes WebSockets, and says nothing over them. */
const SOCKET_SERVER = `node -e '
  const { createHash } = require("node:crypto");
  const server = require("node:http").createServer((_request, response) => response.end("<p>hi"));
  server.on("upgrade", ({ headers }, socket) => {
    const accept = createHash("sha1")
      .update(headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    socket.write(["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: upgrade",
      "sec-websocket-protocol: " + headers["sec-websocket-protocol"], "sec-websocket-accept: " + accept, "", ""].join("\\r\\n"));
  });
  server.listen(3000);
'`;

test("the page is loaded anew after a turn that changed files and after a way back, but not where its server did so", async () => {
  const writes = (content: string): Script =>
    async function* (run) {
      const sandbox = await Sandbox.get({ name: run.workspace.sandboxId()! });
      await sandbox.writeFiles([{ path: "index.html", content }]);
      yield* says(content)(run);
    };
  await using temporary = await temporaryStudio(
    scriptedAgent(writes("one"), says("nothing"), writes("two")),
  );
  const { studio } = temporary;
  const project = await projectWithSandbox(studio, { autoFix: false });
  const { id } = project;
  using _watching = studio.events.subscribe(id, () => undefined);
  const up = nextEvent(studio, id, "preview", ({ preview }) => preview.phase === "up");
  await startAsAgent(project, SOCKET_SERVER);
  const { url } = (await up).preview;
  const revisionAfter = async (prompt: string): Promise<number | undefined> => {
    const message = userMessage(prompt, prompt);
    await Array.fromAsync(await studio.ask(id, { cause: "user", message }));
    return (await studio.previews.refresh(id)).revision;
  };
  expect(await revisionAfter("one")).toBe(1);
  expect(await revisionAfter("nothing")).toBe(1);
  const socket = new WebSocket(url!.replace("http", "ws"), "vite-hmr");
  await once(socket, "open");
  expect(await revisionAfter("two")).toBe(1);
  await studio.restore(id, studio.checkpointStore.list(id).at(-1)!.id);
  expect((await studio.previews.refresh(id)).revision).toBe(2);
});
