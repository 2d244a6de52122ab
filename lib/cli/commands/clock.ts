import { testControls } from "../../host/controls/test-controls.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { FOR_TESTS } from "../for-tests.ts";
import { duration } from "../quantities.ts";

export const clock = defineCommand({
  name: "clock",
  summary: "Show the engine's time, which a test may move",
  details: FOR_TESTS,
  options: jsonOption,
  async run({ options }, { console }) {
    const { clock: controls } = await testControls();
    const now = await controls.now();
    if (options.json) return console.json({ now });
    const ahead = now - Date.now();
    const words = ahead < 1_000 ? "the machine's own" : `${duration(ahead)} ahead of the machine`;
    console.line(`${new Date(now).toISOString()}, ${words}`);
  },
});

export const clockAdvance = defineCommand({
  name: "clock advance",
  summary: "Move the engine's time on; what is due on the way is over then",
  details: `${FOR_TESTS}\nTimeouts, expiries of snapshots and all other deadlines come nearer by as much.`,
  positionals: [{ name: "duration", about: "how far: 250ms, 90s, 5m, 1h30m" }],
  options: jsonOption,
  examples: ["sandlot clock advance 5m"],
  async run({ options, positionals: [length = ""] }, { console }) {
    const { clock: controls } = await testControls();
    await controls.advance(length);
    const now = await controls.now();
    if (options.json) return console.json({ now });
    console.line(`It is ${new Date(now).toISOString()} now.`);
  },
});

export const clockExpire = defineCommand({
  name: "clock expire",
  summary: "Let a sandbox's timeout pass now",
  details: `${FOR_TESTS}\nThe sandbox is stopped, paused or deleted as its timeout would do it.`,
  positionals: [{ name: "sandbox", about: "the sandbox's name or id" }],
  async run({ positionals: [sandbox = ""] }, { console }) {
    const { clock: controls } = await testControls();
    await controls.expire(sandbox);
    console.line(`The timeout of ${sandbox} has passed.`);
  },
});
