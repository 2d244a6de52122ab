import type { ResolvedModel } from "../studio/contract/agent.ts";
import type { ModelList } from "../studio/contract/model.ts";
import { demoProvider } from "./demo/demo-provider.ts";
import { type ModelEnvironment, modelEnvironment } from "./environment.ts";
import { ModelCatalog } from "./model-catalog.ts";
import { anthropicProvider } from "./providers/anthropic.ts";
import { gatewayProvider } from "./providers/gateway.ts";
import { localProviders } from "./providers/local-servers.ts";
import type { ModelProvider } from "./providers/model-provider.ts";
import { openaiCompatibleProvider } from "./providers/openai-compatible.ts";

/** The providers of an environment, the first choice first. */
export function providersOf(environment: ModelEnvironment): ModelProvider[] {
  const { gateway, anthropic, openaiCompatible, findLocalServers } = environment;
  return [
    ...(gateway ? [gatewayProvider(gateway)] : []),
    ...(anthropic ? [anthropicProvider(anthropic)] : []),
    ...(openaiCompatible ? [openaiCompatibleProvider(openaiCompatible)] : []),
    ...(findLocalServers ? localProviders() : []),
    demoProvider(),
  ];
}

let shared: ModelCatalog | undefined;

function catalog(): ModelCatalog {
  const environment = modelEnvironment();
  shared ??= new ModelCatalog({
    providers: providersOf(environment),
    preferredId: environment.model,
  });
  return shared;
}

/** All models that can be asked now. Never rejects and never empty: the demo model is always there. */
export async function listModels(): Promise<ModelList> {
  return catalog().list();
}

/** The model of the id, or the default one. Throws `model_not_found` for one that nobody offers. */
export async function resolveModel(modelId?: string): Promise<ResolvedModel> {
  return catalog().resolve(modelId);
}
