import { SandboxError } from "../../contract/errors.ts";
import type { Page } from "../../contract/page.ts";
import {
  CreateSecretRequest,
  type CreateSecretRequestInput,
  type Secret,
  type StoredSecret,
  UpdateSecretRequest,
} from "../../contract/secret.ts";
import { newId, randomText } from "../../std/ids.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { parseRequest } from "../parse-request.ts";
import type { Clock, Store } from "../ports.ts";
import type { Secrets } from "./secret-words.ts";

/** Long enough that nobody meets one by chance, in a shape that programs take for a key. */
const PLACEHOLDER_LENGTH = 32;

export interface SecretKeeperOptions {
  store: Pick<Store, "secrets">;
  clock: Pick<Clock, "now">;
  /** Called when a secret is another than before, or gone. */
  changed?: (name: string) => Promise<void>;
}

/** Secrets as they are kept. Their values go to the egress alone, by `stored`. */
export class SecretKeeper implements Secrets {
  readonly #options: SecretKeeperOptions;

  constructor(options: SecretKeeperOptions) {
    this.#options = options;
  }

  async create(input: CreateSecretRequestInput): Promise<Secret> {
    const request = withoutUndefined(parseRequest(CreateSecretRequest, input, "secret"));
    if (this.stored(request.name)) {
      throw new SandboxError(
        "name_taken",
        `A secret named ${request.name} exists already; update it, delete it, or choose another name.`,
      );
    }
    const now = this.#options.clock.now();
    const secret: StoredSecret = {
      ...request,
      id: newId("secret"),
      version: 1,
      placeholder: `sandlot_secret_${randomText(PLACEHOLDER_LENGTH)}`,
      createdAt: now,
      updatedAt: now,
    };
    this.#options.store.secrets.put(secret);
    // A policy may have named it while it was gone.
    await this.#options.changed?.(secret.name);
    return told(secret);
  }

  async get(idOrName: string): Promise<Secret> {
    return told(this.#require(idOrName));
  }

  list({ sortBy, namePrefix, ...page }: Parameters<Secrets["list"]>[0]): Page<Secret> {
    const { items, ...rest } = this.#options.store.secrets.page({
      ...page,
      sortBy: sortBy ?? "createdAt",
      ...(namePrefix !== undefined && { namePrefix }),
    });
    return { ...rest, items: items.map(told) };
  }

  async update(idOrName: string, input: UpdateSecretRequest): Promise<Secret> {
    const changes = withoutUndefined(parseRequest(UpdateSecretRequest, input, "secret"));
    const before = this.#require(idOrName);
    const secret: StoredSecret = {
      ...before,
      ...changes,
      version: before.version + (changes.value === undefined ? 0 : 1),
      updatedAt: this.#options.clock.now(),
    };
    this.#options.store.secrets.put(secret);
    await this.#options.changed?.(secret.name);
    return told(secret);
  }

  async delete(idOrName: string): Promise<Secret> {
    const secret = this.#require(idOrName);
    this.#options.store.secrets.delete(secret.id);
    await this.#options.changed?.(secret.name);
    return told(secret);
  }

  /** With its value, by its name; undefined when there is none. */
  stored(name: string): StoredSecret | undefined {
    return this.#options.store.secrets.all({ equals: { name } })[0];
  }

  #require(idOrName: string): StoredSecret {
    const secret = this.#options.store.secrets.get(idOrName) ?? this.stored(idOrName);
    if (secret) return secret;
    throw new SandboxError("secret_not_found", `There is no secret ${idOrName}.`);
  }
}

function told({ value: _value, ...secret }: StoredSecret): Secret {
  return secret;
}
