import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { processIsolation } from "../../backends/isolation/process/process-isolation.ts";
import type { NamespacesIsolationOptions } from "../../backends/isolation/namespaces/namespaces-isolation.ts";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import type { Isolation } from "../../engine/ports.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { IsolationBench } from "../isolation-bench.ts";
import { makeNamespaces } from "../namespaces-bench.ts";
import type { Attempt } from "./attempt.ts";
import { openBoxStage, openSandboxStage } from "./open-stage.ts";
import { SECRET } from "./outside.ts";
import { type Outcome, tryAttempt } from "./try-attempt.ts";
import { tryUnderCallersKey } from "./under-callers-key.ts";

/** What an engine has in its variables that is nobody else's business. */
export const OF_THE_ENGINE = `of-the-engine-${SECRET.slice(7, 19)}`;

const RESERVED = ["169.254.169.254", "168.63.129.16", "127.0.0.1"];
const NAMES_RESERVED: NetworkPolicy = {
  mode: "custom",
  domains: [{ domain: "*", rules: [] }],
  allowedCidrs: RESERVED.map((address) => `${address}/32`),
};

/** One isolation for many attempts, and a server that answers in the place of all that is reserved. */
export class EscapeBench implements AsyncDisposable {
  readonly #bench: IsolationBench;
  readonly #changed: Partial<NamespacesIsolationOptions>;
  readonly #cleanup: Cleanup;

  /** With namespaces as an engine has them, or without isolation. */
  static async make(
    kind: "namespaces" | "process",
    changed: Partial<NamespacesIsolationOptions> = {},
  ): Promise<EscapeBench> {
    const cleanup = new Cleanup();
    const server = createServer((_request, response) => response.end(`${SECRET}\n`));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanup.add(() => {
      server.close();
      server.closeAllConnections();
    });
    const here = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outside = {
      hosts: { "metadata.example": ["169.254.169.254"] },
      detours: Object.fromEntries(RESERVED.map((address) => [`${address}:80`, here])),
    };
    const baseEnv = { PATH: process.env["PATH"] ?? "" };
    const makeIsolation =
      kind === "process"
        ? (directory: string) => processIsolation({ directory, baseEnv })
        : await makeNamespaces({ outside, ...changed });
    const bench = await IsolationBench.make(makeIsolation);
    cleanup.add(() => bench[Symbol.asyncDispose]());
    cleanup.add(() => {
      if (Symbol.dispose in bench.isolation)
        (bench.isolation as Isolation & Disposable)[Symbol.dispose]();
    });
    return new EscapeBench(bench, { changed, cleanup });
  }

  private constructor(
    bench: IsolationBench,
    { changed, cleanup }: { changed: Partial<NamespacesIsolationOptions>; cleanup: Cleanup },
  ) {
    this.#bench = bench;
    this.#changed = changed;
    this.#cleanup = cleanup;
  }

  /** Makes a sandbox and an outside for the attempt, and says how it went. */
  async try(attempt: Attempt): Promise<Outcome> {
    if (attempt.weakened === "callers-keyring") return await this.#tryElsewhere(attempt, true);
    return await this.tryHere(attempt);
  }

  /** With an engine that was started just as this process was. */
  async tryHere(attempt: Attempt): Promise<Outcome> {
    await using stage = await openSandboxStage(attempt, { bench: this.#bench });
    return await tryAttempt(attempt, stage);
  }

  /** The same with what is named as weakened: the isolation itself is the caller's matter. */
  async tryWeakened(attempt: Attempt): Promise<Outcome> {
    const { weakened } = attempt;
    if (weakened === "callers-keyring") return await this.#tryElsewhere(attempt, false);
    await using stage =
      weakened === "box"
        ? await openBoxStage()
        : await openSandboxStage(attempt, {
            bench: this.#bench,
            naiveFiles: weakened === "naive-files",
            ...(weakened === "named" && { networkPolicy: NAMES_RESERVED }),
          });
    return await tryAttempt(attempt, stage);
  }

  /** What a process was started with is nothing that it can change afterwards. */
  async #tryElsewhere(attempt: Attempt, shielded: boolean): Promise<Outcome> {
    return await tryUnderCallersKey(attempt.title, { shielded, changed: this.#changed });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }
}

/** Why the attempt is not made on this machine; undefined where it is. */
export function whyNotHere({ needs, where }: Attempt): string | undefined {
  if (needs !== undefined && !existsSync(needs)) return `this kernel has no ${needs}`;
  return !where || where.holds() ? undefined : `only where ${where.words}`;
}
