import { createGateway } from "@ai-sdk/gateway";
import type { ModelEnvironment } from "../environment.ts";
import type { ModelProvider, Offer, OfferedModel } from "./model-provider.ts";
import { preferModels } from "./prefer-models.ts";
import { within } from "./within.ts";

const PATIENCE_MS = 4_000;
/** Offered when the list cannot be read. */
const KNOWN: OfferedModel[] = [
  { model: "anthropic/claude-sonnet-5.5", name: "Claude Sonnet 5.5" },
  { model: "anthropic/claude-opus-5.5", name: "Claude Opus 5.5" },
  { model: "openai/gpt-6.1-sol", name: "GPT-6.1 Sol" },
];
/** Variants for other ways to ask: no chat answers through a batch. */
const NO_CHAT = /-batch$/;

/** The AI Gateway: many providers' models with one key. */
export function gatewayProvider(
  { apiKey }: NonNullable<ModelEnvironment["gateway"]>,
  { baseUrl }: { baseUrl?: string } = {},
): ModelProvider {
  const gateway = createGateway({ apiKey, ...(baseUrl !== undefined && { baseURL: baseUrl }) });
  return {
    key: "gateway",
    name: "AI Gateway",
    kind: "cloud",
    model: (model) => gateway(model),
    async offer(): Promise<Offer> {
      try {
        const { models } = await within(PATIENCE_MS, gateway.getAvailableModels());
        const chat = models
          .filter(
            ({ id, modelType }) => (modelType ?? "language") === "language" && !NO_CHAT.test(id),
          )
          .map(({ id, name }) => ({ model: id, name }));
        return { models: preferModels(chat), isComplete: true };
      } catch (error) {
        const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
        return {
          models: KNOWN,
          isComplete: false,
          problem: `The AI Gateway's list of models could not be read (${reason}), so a few known ones are offered. See that AI_GATEWAY_API_KEY is valid and that the network is there.`,
        };
      }
    },
  };
}
