import { FIX_REQUEST } from "../../studio/contract/fix-request.ts";
import { PROJECT_TYPES } from "../../studio/contract/project-types.ts";
import { SAMPLE_PROMPTS, type SamplePrompt } from "../../studio/contract/sample-prompts.ts";
import type { DemoHistory, DemoScript } from "./demo-script.ts";
import { orGiveUp } from "./scripts/build-steps.ts";
import { addUnreadFilter, buildNodeApi } from "./scripts/node-api.ts";
import { addDarkModeButton, buildStaticPage } from "./scripts/static-page.ts";
import { addStreaks, buildViteReact } from "./scripts/vite-react.ts";

interface SampleScripts {
  build: (history: DemoHistory, words: { intro: string }) => DemoScript;
  followUp: (history: DemoHistory) => DemoScript;
}

const SCRIPTS: Record<SamplePrompt["id"], SampleScripts> = {
  "static-page": { build: buildStaticPage, followUp: addDarkModeButton },
  "node-api": { build: buildNodeApi, followUp: addUnreadFilter },
  "vite-react": { build: buildViteReact, followUp: addStreaks },
};

const INTRO =
  "I am the demo: a script, no AI. What you see is real, though: I work with the same tools as a model, in a real sandbox.";

/** What a conversation asks of the demo: all prompts, the last one at the end. */
export function chooseScript(prompts: readonly string[], history: DemoHistory): DemoScript {
  const asked = plain(prompts.at(-1) ?? "");
  const built = buildable(asked);
  if (built) return orGiveUp(SCRIPTS[built.id].build(history, { intro: INTRO }));
  const continued = SAMPLE_PROMPTS.find(({ followUp }) => plain(followUp) === asked);
  if (!continued) return say(isFixRequest(asked) ? noRepair(prompts) : refusal(prompts));
  const current = currentSample(prompts.slice(0, -1));
  if (current?.id !== continued.id) {
    return say(
      `I am the demo: a script, no AI. That change belongs to another app, which is not what is in this project now. Let me build it first: “${continued.prompt}”`,
    );
  }
  return orGiveUp(SCRIPTS[continued.id].followUp(history));
}

function buildable(asked: string): SamplePrompt | undefined {
  const isSample = SAMPLE_PROMPTS.find(({ prompt }) => plain(prompt) === asked);
  if (isSample) return isSample;
  // The starting prompt of a website asks for this very page.
  const website = PROJECT_TYPES.find(({ type }) => type === "website");
  const isWebsite = website !== undefined && plain(website.prompt) === asked;
  return isWebsite ? SAMPLE_PROMPTS.find(({ id }) => id === "static-page") : undefined;
}

/** The app that was asked for last. */
function currentSample(prompts: readonly string[]): SamplePrompt | undefined {
  return prompts
    .map((prompt) => buildable(plain(prompt)))
    .filter((sample) => sample !== undefined)
    .at(-1);
}

function isFixRequest(asked: string): boolean {
  return asked.startsWith(plain(FIX_REQUEST));
}

function noRepair(prompts: readonly string[]): string {
  const current = currentSample(prompts);
  const again = current
    ? `build the app anew with “${current.prompt}”, restore an earlier state in the history`
    : "restore an earlier state in the history";
  return `I am the demo: a script, no AI, so I cannot look for the cause, and I changed nothing. You can ${again}, edit the file yourself, or choose a model in the list below the input that can find out what is wrong.`;
}

function refusal(prompts: readonly string[]): string {
  const current = currentSample(prompts);
  const next = current
    ? `In this project I can make one change: “${current.followUp}”`
    : `I can build these three, when I am asked in exactly these words:\n\n${SAMPLE_PROMPTS.map(({ prompt }) => `- “${prompt}”`).join("\n")}`;
  return `I am the demo: a script, no AI. I did not understand that, and I changed nothing. ${next}\n\nTo build what you like, connect a model:\n\n- start **Ollama**, **LM Studio** or **llama.cpp** on this machine with a model that can call tools; it is found by itself, or\n- set \`AI_GATEWAY_API_KEY\`, \`ANTHROPIC_API_KEY\`, or \`OPENAI_BASE_URL\` with \`OPENAI_API_KEY\`, and start the studio again.\n\nThen choose it in the model list below the input.`;
}

/** Prompts are compared by their words; white space and case are nobody's intention. */
function plain(prompt: string): string {
  return prompt
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[.!]+$/, "");
}

// A script that only speaks yields nothing.
// eslint-disable-next-line require-yield
function* say(text: string): DemoScript {
  return text;
}
