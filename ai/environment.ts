import { StudioError } from "../studio/contract/errors.ts";

/** What the models take from the environment. Keys stay on the server: nothing of this is ever sent to a browser. */
export interface ModelEnvironment {
  /** The id of the model to use when nobody chose one: `provider/model`. */
  model: string | undefined;
  gateway: { apiKey: string } | undefined;
  anthropic: { apiKey: string; baseUrl: string } | undefined;
  /** Any server that speaks OpenAI's chat completions, with or without a key. */
  openaiCompatible: { baseUrl: string; apiKey: string | undefined } | undefined;
  /** Whether this machine's usual ports are asked for a model server. */
  findLocalServers: boolean;
}

/** The variables, with what a person should know of each. */
export const MODEL_VARIABLES = {
  SANDLOT_MODEL: "The model that the studio uses first, as its list names it: provider/model.",
  AI_GATEWAY_API_KEY: "Key of the AI Gateway: many providers' models with one key.",
  ANTHROPIC_API_KEY: "Key of the Anthropic API.",
  ANTHROPIC_BASE_URL: "Another address of the Anthropic API.",
  OPENAI_API_KEY: "Key of OpenAI, or of the server that OPENAI_BASE_URL names.",
  OPENAI_BASE_URL:
    "Address of any server that speaks OpenAI's chat completions, such as https://openrouter.ai/api/v1.",
  SANDLOT_LOCAL_MODELS: "`off`: do not look for Ollama, LM Studio or llama.cpp on this machine.",
} as const;

type Variable = keyof typeof MODEL_VARIABLES;

const ANTHROPIC_URL = "https://api.anthropic.com";
const OPENAI_URL = "https://api.openai.com/v1";

/** Reads it anew at each call; an empty variable counts as none. */
export function modelEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): ModelEnvironment {
  const read = (name: Variable): string | undefined => variables[name]?.trim() || undefined;
  const anthropicKey = read("ANTHROPIC_API_KEY");
  const gatewayKey = read("AI_GATEWAY_API_KEY");
  const openaiKey = read("OPENAI_API_KEY");
  const openaiUrl = read("OPENAI_BASE_URL") ?? (openaiKey ? OPENAI_URL : undefined);
  return {
    model: read("SANDLOT_MODEL"),
    gateway: gatewayKey ? { apiKey: gatewayKey } : undefined,
    anthropic: anthropicKey
      ? {
          apiKey: anthropicKey,
          // Both forms are in use: with the version in the path and without.
          baseUrl: withoutSlash(read("ANTHROPIC_BASE_URL") ?? ANTHROPIC_URL).replace(/\/v1$/, ""),
        }
      : undefined,
    openaiCompatible: openaiUrl
      ? { baseUrl: withoutSlash(openaiUrl), apiKey: openaiKey }
      : undefined,
    findLocalServers: read("SANDLOT_LOCAL_MODELS") !== "off",
  };
}

/** What the tools take from the environment, with what a person should know of it. */
export const TOOL_VARIABLES = {
  SANDLOT_TASKS:
    "`trigger`: the studio's agent runs its tools as tasks of Trigger.dev's, and shows their run ids. Needs TRIGGER_SECRET_KEY.",
} as const;

/** Whether the agent's tools run as tasks. Throws for a value that means nothing. */
export function runsToolsAsTasks(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const value = variables["SANDLOT_TASKS"]?.trim() || undefined;
  if (value === undefined || value === "trigger") return value === "trigger";
  throw new StudioError(
    "bad_request",
    `SANDLOT_TASKS is “${value}”, which means nothing. Set it to trigger, or to nothing for tools that run in the studio itself.`,
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
