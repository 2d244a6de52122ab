import { posix } from "node:path";
import * as z from "zod";
import { fetchJson } from "./fetch-json.ts";
import { PROBE_LIMIT_MS } from "./probe-limit.ts";
import type { Offer } from "./model-provider.ts";

const Models = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });
/** What only llama.cpp's server answers, so that another program at its port is not taken for it. */
const Properties = z.object({
  default_generation_settings: z.looseObject({}),
  chat_template: z.string().optional(),
  chat_template_caps: z.looseObject({ supports_tools: z.boolean().optional() }).optional(),
});

/** The model that llama.cpp's server runs, if its template knows tools. Rejects where none answers. */
export async function llamaCppOffer(baseUrl: string): Promise<Omit<Offer, "isComplete">> {
  const options = { timeoutMs: PROBE_LIMIT_MS };
  const [properties, { data }] = await Promise.all([
    fetchJson(`${baseUrl}/props`, Properties, options),
    fetchJson(`${baseUrl}/v1/models`, Models, options),
  ]);
  const callsTools =
    properties.chat_template_caps?.supports_tools ??
    /\btools\b/.test(properties.chat_template ?? "");
  if (!callsTools) {
    return {
      models: [],
      problem:
        "llama.cpp's server runs, but its model's template knows no tools, which building needs. Start it with another model, and with --jinja.",
    };
  }
  // Without an alias the id is the path of the model's file on this machine.
  return { models: data.map(({ id }) => ({ model: id, name: posix.basename(id, ".gguf") })) };
}
