import * as z from "zod";
import { FetchFailure, fetchJson } from "./fetch-json.ts";
import { PROBE_LIMIT_MS } from "./probe-limit.ts";
import type { Offer, OfferedModel } from "./model-provider.ts";

const NewList = z.object({
  models: z.array(
    z.object({
      type: z.string(),
      key: z.string(),
      display_name: z.string().optional(),
      loaded_instances: z.array(z.unknown()).default([]),
      capabilities: z.object({ trained_for_tool_use: z.boolean().default(false) }).optional(),
    }),
  ),
});
const OldList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      state: z.string().optional(),
      capabilities: z.array(z.string()).default([]),
    }),
  ),
});
interface Found extends OfferedModel {
  isLoaded: boolean;
}
const CHAT_TYPES = ["llm", "vlm"];

/** LM Studio's models that can call tools, those in memory first. Rejects where none answers. */
export async function lmStudioOffer(baseUrl: string): Promise<Omit<Offer, "isComplete">> {
  const found = await newList(baseUrl).catch((error: unknown) => {
    // Versions before 0.4 know only the old list; LM Studio also answers unknown paths with 200 and an error.
    if (error instanceof FetchFailure && error.cause instanceof TypeError) throw error;
    return oldList(baseUrl);
  });
  const models = [...found]
    .sort((a, b) => Number(b.isLoaded) - Number(a.isLoaded))
    .map(({ model, name }) => ({ model, name }));
  return { models };
}

async function newList(baseUrl: string): Promise<Found[]> {
  const { models } = await fetchJson(`${baseUrl}/api/v1/models`, NewList, {
    timeoutMs: PROBE_LIMIT_MS,
  });
  return models
    .filter(
      ({ type, capabilities }) => CHAT_TYPES.includes(type) && capabilities?.trained_for_tool_use,
    )
    .map(({ key, display_name, loaded_instances }) => ({
      model: key,
      name: display_name ?? key,
      isLoaded: loaded_instances.length > 0,
    }));
}

async function oldList(baseUrl: string): Promise<Found[]> {
  const { data } = await fetchJson(`${baseUrl}/api/v0/models`, OldList, {
    timeoutMs: PROBE_LIMIT_MS,
  });
  return data
    .filter(
      ({ type, capabilities }) => CHAT_TYPES.includes(type) && capabilities.includes("tool_use"),
    )
    .map(({ id, state }) => ({ model: id, name: id, isLoaded: state === "loaded" }));
}
