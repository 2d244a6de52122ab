import * as z from "zod";
import { fetchJson } from "./fetch-json.ts";
import { PROBE_LIMIT_MS } from "./probe-limit.ts";
import type { Offer } from "./model-provider.ts";

const Tags = z.object({ models: z.array(z.object({ name: z.string() })) });
const Details = z.object({
  capabilities: z.array(z.string()).optional(),
  template: z.string().optional(),
});

/** Ollama's models that can call tools. Rejects where no Ollama answers. */
export async function ollamaOffer(baseUrl: string): Promise<Omit<Offer, "isComplete">> {
  const { models } = await fetchJson(`${baseUrl}/api/tags`, Tags, { timeoutMs: PROBE_LIMIT_MS });
  const capable = await Promise.all(models.map(({ name }) => callsTools(baseUrl, name)));
  const offered = models.filter((_, index) => capable[index]);
  if (models.length > 0 && offered.length === 0) {
    return {
      models: [],
      problem:
        "Ollama runs, but none of its models can call tools, which building needs. Get one that can, for example with `ollama pull qwen3-coder`.",
    };
  }
  return {
    models: offered.map(({ name }) => ({ model: name, name })),
    ...(offered.length > 0 && {
      problem:
        "Ollama gives its models a short memory unless told otherwise: start it with OLLAMA_CONTEXT_LENGTH=32768 or more, or long turns lose their beginning.",
    }),
  };
}

async function callsTools(baseUrl: string, model: string): Promise<boolean> {
  try {
    const { capabilities, template } = await fetchJson(`${baseUrl}/api/show`, Details, {
      timeoutMs: PROBE_LIMIT_MS,
      body: { model },
    });
    // Older versions do not list it, but their template shows it.
    return capabilities?.includes("tools") ?? template?.includes(".Tools") ?? false;
  } catch {
    return false; // Deleted meanwhile, or broken: not to be offered.
  }
}
