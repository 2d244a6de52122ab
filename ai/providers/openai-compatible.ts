import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import * as z from "zod";
import type { ModelEnvironment } from "../environment.ts";
import { FetchFailure, fetchJson } from "./fetch-json.ts";
import type { ModelProvider, Offer } from "./model-provider.ts";
import { preferModels } from "./prefer-models.ts";

const PATIENCE_MS = 4_000;

const Models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      name: z.string().optional(),
      /** OpenRouter says which requests a model takes. */
      supported_parameters: z.array(z.string()).optional(),
    }),
  ),
});
/** Names of what is no chat model; their providers list all in one. */
const NO_CHAT =
  /embed|whisper|tts|dall-e|image|moderation|rerank|transcribe|realtime|audio|sora|davinci|babbage|guard/i;

/** Any server that speaks OpenAI's chat completions, such as OpenRouter, OpenAI, vLLM. */
export function openaiCompatibleProvider({
  baseUrl,
  apiKey,
}: NonNullable<ModelEnvironment["openaiCompatible"]>): ModelProvider {
  // An address that is none fails like one where nobody is: the offer says so.
  const hostname = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : baseUrl;
  const openai = createOpenAICompatible({
    name: "openai",
    baseURL: baseUrl,
    includeUsage: true,
    ...(apiKey !== undefined && { apiKey }),
  });
  return {
    key: "openai",
    name: NAMES[hostname] ?? hostname,
    kind: isLoopback(hostname) ? "local" : "cloud",
    model: (model) => openai(model),
    async offer(): Promise<Offer> {
      try {
        const { data } = await fetchJson(`${baseUrl}/models`, Models, {
          timeoutMs: PATIENCE_MS,
          ...(apiKey !== undefined && { headers: { authorization: `Bearer ${apiKey}` } }),
        });
        const models = data
          .filter(({ supported_parameters }) => supported_parameters?.includes("tools") ?? true)
          .filter(({ id }) => !NO_CHAT.test(id))
          .map(({ id, name }) => ({ model: id, name: name ?? id }));
        return { models: preferModels(models), isComplete: true };
      } catch (error) {
        return { models: [], isComplete: false, problem: problemOf(error, hostname) };
      }
    },
  };
}

const NAMES: Readonly<Record<string, string>> = {
  "api.openai.com": "OpenAI",
  "openrouter.ai": "OpenRouter",
};

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

function problemOf(error: unknown, hostname: string): string {
  if (error instanceof FetchFailure && (error.status === 401 || error.status === 403)) {
    return `${hostname} refused the key in OPENAI_API_KEY. Set a valid one and start the studio again.`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `The models of ${hostname} could not be listed (${reason}). See that OPENAI_BASE_URL is right and that it runs, or name a model in SANDLOT_MODEL, such as openai/the-model.`;
}
