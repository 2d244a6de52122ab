import { Sandbox } from "e2b";
import { expect, test } from "vitest";
import { scriptedE2b } from "../../testing/scripted-e2b.ts";
import { servedFace } from "../../testing/served-face.ts";

test("the vendor's client makes, finds, lists and ends a sandbox", async () => {
  const { face, state } = scriptedE2b();
  await using served = await servedFace(face);
  const options = { apiKey: "e2b_00", apiUrl: served.url, sandboxUrl: served.url };
  const sandbox = await Sandbox.create({ ...options, metadata: { "a b": "c&d=e%" } });
  expect([...state.sandboxes.values()]).toMatchObject([
    {
      id: sandbox.sandboxId,
      user: "user",
      persistent: false,
      onTimeout: "delete",
      timeoutMs: 300_000,
    },
  ]);
  const info = await sandbox.getInfo();
  expect(info).toMatchObject({
    sandboxId: sandbox.sandboxId,
    templateId: "base",
    name: "base",
    metadata: { "a b": "c&d=e%" },
    state: "running",
    lifecycle: { onTimeout: "kill", autoResume: false },
  });
  const listed = await Sandbox.list({
    ...options,
    query: { metadata: { "a b": "c&d=e%" } },
  }).nextItems();
  expect(listed.map(({ sandboxId }) => sandboxId)).toEqual([sandbox.sandboxId]);
  expect(await Sandbox.kill(sandbox.sandboxId, options)).toBe(true);
  expect(await Sandbox.kill(sandbox.sandboxId, options)).toBe(false);
});
