import type { Page, PageRequest } from "../../contract/page.ts";
import type {
  CreateSecretRequestInput,
  Secret,
  UpdateSecretRequest,
} from "../../contract/secret.ts";

// The part of the engine, as a face sees it, that is about secrets.

/**
 * Values that sandboxes use and never see: filled in at the way out, into headers that a network rule adds
 * (`${secret:NAME}` in a `transform`), or in place of the placeholder that a sandbox's variable holds, in
 * requests to the secret's hosts. No answer and no log ever holds a value.
 */
export interface Secrets {
  /** Throws `name_taken`. */
  create(request: CreateSecretRequestInput): Promise<Secret>;
  /** By id or name. Throws `secret_not_found`, here and in all that follow. */
  get(idOrName: string): Promise<Secret>;
  list(
    request: PageRequest & { sortBy?: "createdAt" | "updatedAt" | "name"; namePrefix?: string },
  ): Page<Secret>;
  /** Holds at once, also for sandboxes that run. A new value counts the version up. */
  update(idOrName: string, request: UpdateSecretRequest): Promise<Secret>;
  /** Holds at once: what names it sends its placeholder from then on, and nothing in its place. */
  delete(idOrName: string): Promise<Secret>;
}
