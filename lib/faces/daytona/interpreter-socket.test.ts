import { expect, test } from "vitest";
import { listLog } from "../../testing/list-log.ts";
import { scriptedEngine } from "../../testing/scripted-engine.ts";
import { DefaultContexts } from "./default-contexts.ts";
import { interpreterSocket } from "./interpreter-socket.ts";

test("code for a context that is not there is refused, however its name and its time are", async () => {
  const { engine } = scriptedEngine();
  const { session } = await engine.sandboxes.create({ name: "box" });
  const log = listLog();
  const defaultContexts = new DefaultContexts(engine);
  const socket = interpreterSocket({ engine, log, defaultContexts }, session);
  for (const timeout of [0.0001, 3_000_000, 1e12]) {
    const closed = Promise.withResolvers<[code: number | undefined, reason: string | undefined]>();
    const handlers = socket.open({
      send() {},
      close: (code, reason) => closed.resolve([code, reason]),
      bufferedBytes: 0,
      async drained() {},
    });
    handlers.message(JSON.stringify({ code: "1", contextId: "é".repeat(200), timeout }));
    const [code, reason = ""] = await closed.promise;
    expect([code, reason]).toEqual([1_011, expect.stringMatching(/^Context é+$/)]);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    handlers.closed();
  }
  expect(log.lines).toEqual([]);
});
