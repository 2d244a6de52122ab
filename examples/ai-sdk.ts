// A model that uses a sandbox by the AI SDK's own interface. The model is a script, so that this runs without a key.
import assert from "node:assert/strict";
import { generateText, stepCountIs, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { Sandbox } from "sandlot";
import { createSandlotSandbox, sandboxSession } from "sandlot/ai-sdk";
import * as z from "zod";

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};
const step = (finish: "tool-calls" | "stop", content: object[]) =>
  ({
    content,
    finishReason: { unified: finish, raw: undefined },
    usage,
    warnings: [],
  }) as unknown as Awaited<ReturnType<MockLanguageModelV4["doGenerate"]>>;

const model = new MockLanguageModelV4({
  doGenerate: [
    step("tool-calls", [
      {
        type: "tool-call",
        toolCallId: "1",
        toolName: "bash",
        input: JSON.stringify({ command: "wc -w < question.txt" }),
      },
    ]),
    step("stop", [{ type: "text", text: "It has four words." }]),
  ],
});

const bash = tool({
  description: "Runs a shell line in the sandbox.",
  inputSchema: z.object({ command: z.string() }),
  execute: async ({ command }, { experimental_sandbox: sandbox }) => {
    assert.ok(sandbox, "the tool is given the sandbox that the call was given");
    return sandbox.run({ command });
  },
});

const sandbox = await Sandbox.create({ persistent: false });
try {
  const session = sandboxSession(sandbox);
  await session.writeTextFile({ path: "question.txt", content: "how long is this\n" });
  const { text, steps } = await generateText({
    model,
    tools: { bash },
    prompt: "How many words has question.txt?",
    stopWhen: stepCountIs(5),
    experimental_sandbox: session,
  });
  const [result] = steps[0]!.toolResults;
  assert.deepEqual(result?.output, { exitCode: 0, stdout: "4\n", stderr: "" });
  const child = await session.spawn({ command: "tr a-z A-Z", stdin: true });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  assert.equal(await new Response(child.stdout).text(), "IT HAS FOUR WORDS.");
  console.log(text);
} finally {
  await sandbox.delete();
}

// A harness makes its sandboxes by itself, and finds them again.
const provider = createSandlotSandbox({ ports: [4000] });
const made = await provider.createSession({ sessionId: "chat-1" });
try {
  await made.restricted().writeTextFile({ path: "memo.txt", content: "kept" });
  await made.stop();
  const again = await provider.resumeSession!({ sessionId: "chat-1" });
  assert.equal(await again.readTextFile({ path: "memo.txt" }), "kept");
  const { url } = await again.getPortEndpoint({ port: 4000 });
  assert.match(url, /^http:\/\/localhost:\d+$/);
} finally {
  await made.destroy();
}
