import * as z from "zod";

/** Where a model runs: somebody's cloud, a server on this machine, or the built-in script that is no AI. */
export const ModelKind = z.enum(["cloud", "local", "demo"]);
export type ModelKind = z.output<typeof ModelKind>;

export const ModelInfo = z.object({
  /** Unique among all: `provider/model`. */
  id: z.string(),
  name: z.string(),
  /** Who answers, for people: `Anthropic`, `AI Gateway`, `Ollama`, `Demo`. */
  provider: z.string(),
  kind: ModelKind,
});
export type ModelInfo = z.output<typeof ModelInfo>;

/** GET /api/models. Never empty: the demo model is always there. */
export const ModelList = z.object({
  models: z.array(ModelInfo).min(1),
  /** The id of the one that is used when nobody chose. */
  default: z.string(),
  /** What a person should know: how to connect a model, or why one that was configured is missing. */
  note: z.string().optional(),
});
export type ModelList = z.output<typeof ModelList>;
