import type { ResolvedModel } from "../studio/contract/agent.ts";
import { StudioError } from "../studio/contract/errors.ts";
import type { ModelInfo, ModelList } from "../studio/contract/model.ts";
import type { ModelProvider, Offer } from "./providers/model-provider.ts";

/** A page that opens asks several times; a server that was started meanwhile is found soon after. */
const FRESH_MS = 10_000;

export interface ModelCatalogOptions {
  /** The first choice first. */
  providers: readonly ModelProvider[];
  /** The id of the model that is to be the default. */
  preferredId?: string | undefined;
  now?: () => number;
}

interface Found {
  at: number;
  offers: Promise<Offer[]>;
}

/** The models of several providers as one list. */
export class ModelCatalog {
  readonly #providers: readonly ModelProvider[];
  readonly #preferredId: string | undefined;
  readonly #now: () => number;
  #found: Found | undefined;

  constructor({ providers, preferredId, now = Date.now }: ModelCatalogOptions) {
    this.#providers = providers;
    this.#preferredId = preferredId;
    this.#now = now;
  }

  async list(): Promise<ModelList> {
    const offers = await this.#offers();
    const models = this.#providers.flatMap((provider, index) =>
      (offers[index]?.models ?? []).map(({ model, name }) => infoOf(provider, model, name)),
    );
    const notes = offers.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
    const preferred = this.#preferredId;
    if (preferred !== undefined && !models.some(({ id }) => id === preferred)) {
      const info = this.#unlisted(preferred, offers);
      if (info) models.unshift(info);
      else notes.unshift(`SANDLOT_MODEL names ${preferred}, which nobody here offers.`);
    }
    const chosen = models.find(({ id }) => id === preferred) ?? models[0];
    if (!chosen) throw new Error("a catalog needs a provider that always offers a model");
    if (models.every(({ kind }) => kind === "demo")) notes.push(HOW_TO_CONNECT);
    return {
      models,
      default: chosen.id,
      ...(notes.length > 0 && { note: notes.join(" ") }),
    };
  }

  async resolve(modelId?: string): Promise<ResolvedModel> {
    const list = await this.list();
    const id = modelId ?? list.default;
    const offers = await this.#offers();
    const info = list.models.find((model) => model.id === id) ?? this.#unlisted(id, offers);
    const provider = this.#providerOf(id);
    if (!info || !provider) {
      throw new StudioError(
        "model_not_found",
        `There is no model ${id} here now. Choose one from the list; a local one must be running, and a cloud's one needs its key in the environment.`,
        { field: "modelId" },
      );
    }
    return { info, model: provider.model(id.slice(provider.key.length + 1)) };
  }

  #offers(): Promise<Offer[]> {
    const now = this.#now();
    if (!this.#found || now - this.#found.at > FRESH_MS) {
      const offers = Promise.all(this.#providers.map((provider) => provider.offer()));
      this.#found = { at: now, offers };
    }
    return this.#found.offers;
  }

  #providerOf(id: string): ModelProvider | undefined {
    return this.#providers.find(({ key }) => id.startsWith(`${key}/`));
  }

  /** One that may exist: its provider is there, and its list could not be read. */
  #unlisted(id: string, offers: readonly Offer[]): ModelInfo | undefined {
    const index = this.#providers.findIndex(({ key }) => id.startsWith(`${key}/`));
    const provider = this.#providers[index];
    if (!provider || offers[index]?.isComplete !== false) return undefined;
    const model = id.slice(provider.key.length + 1);
    return infoOf(provider, model, model);
  }
}

function infoOf(provider: ModelProvider, model: string, name: string): ModelInfo {
  return { id: `${provider.key}/${model}`, name, provider: provider.name, kind: provider.kind };
}

const HOW_TO_CONNECT =
  "The demo model is a script and no AI. To build what you like, start Ollama, LM Studio or llama.cpp on this machine with a model that can call tools, or set AI_GATEWAY_API_KEY, ANTHROPIC_API_KEY or OPENAI_BASE_URL and start the studio again.";
