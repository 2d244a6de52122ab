import { createAnthropic } from "@ai-sdk/anthropic";
import * as z from "zod";
import type { ModelEnvironment } from "../environment.ts";
import { FetchFailure, fetchJson } from "./fetch-json.ts";
import type { ModelProvider, Offer } from "./model-provider.ts";
import { preferModels } from "./prefer-models.ts";

const PATIENCE_MS = 4_000;
const API_VERSION = "2023-06-01";
/** Offered when the list cannot be read. */
const KNOWN = [
  { model: "claude-sonnet-5-5", name: "Claude Sonnet 5.5" },
  { model: "claude-opus-5-5", name: "Claude Opus 5.5" },
  { model: "claude-haiku-5-5", name: "Claude Haiku 5.5" },
];

const Models = z.object({
  data: z.array(z.object({ id: z.string(), display_name: z.string().optional() })),
});

/** Anthropic's own API. */
export function anthropicProvider({
  apiKey,
  baseUrl,
}: NonNullable<ModelEnvironment["anthropic"]>): ModelProvider {
  const anthropic = createAnthropic({ apiKey, baseURL: `${baseUrl}/v1` });
  return {
    key: "anthropic",
    name: "Anthropic",
    kind: "cloud",
    model: (model) => anthropic(model),
    async offer(): Promise<Offer> {
      try {
        const { data } = await fetchJson(`${baseUrl}/v1/models?limit=100`, Models, {
          timeoutMs: PATIENCE_MS,
          headers: { "x-api-key": apiKey, "anthropic-version": API_VERSION },
        });
        const models = data.map(({ id, display_name }) => ({
          model: id,
          name: display_name ?? id,
        }));
        return { models: preferModels(models), isComplete: true };
      } catch (error) {
        return { models: KNOWN, isComplete: false, problem: problemOf(error) };
      }
    },
  };
}

function problemOf(error: unknown): string {
  if (error instanceof FetchFailure && (error.status === 401 || error.status === 403)) {
    return "Anthropic refused the key in ANTHROPIC_API_KEY. Set a valid one and start the studio again.";
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `Anthropic's list of models could not be read (${reason}), so the known ones are offered.`;
}
