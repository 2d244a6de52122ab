import type { LanguageModel } from "ai";
import type { ModelKind } from "../../studio/contract/model.ts";

/** A model as its provider offers it. */
export interface OfferedModel {
  /** The provider's own name of it, which it takes in requests. */
  model: string;
  name: string;
}

/** What a provider has to offer now. */
export interface Offer {
  /** The best first: the first of all is the default. */
  models: OfferedModel[];
  /** What a person should know: why there is less than was configured. */
  problem?: string;
  /** Whether the list is all that there is: one that could not be read refuses no name. */
  isComplete: boolean;
}

/** Somebody who answers prompts. */
export interface ModelProvider {
  /** The first part of its models' ids. */
  key: string;
  /** For people. */
  name: string;
  kind: ModelKind;
  /** Never rejects: what goes wrong stands in the offer. */
  offer(): Promise<Offer>;
  /** Asks nobody; a name that does not exist fails at the first request. */
  model(model: string): LanguageModel;
}
