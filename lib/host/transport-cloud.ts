import type { CloudEngine } from "../backends/clouds/cloud-engine.ts";
import { SandboxError } from "../contract/errors.ts";
import { MadeOnce } from "../std/made-once.ts";
import { refusal } from "./carrier/recorded-face.ts";
import { faultAnswer } from "./fault-answer.ts";
import type { FetchInit } from "./native-fetch.ts";
import { type Transport, withUrl } from "./transport.ts";
import { VERCEL_PREFIX } from "./vercel-prefix.ts";

interface Opened {
  engine: CloudEngine;
  answer: (request: Request) => Promise<Response>;
}

type CloudName = "e2b" | "daytona";

// The older version of the call asks for a runtime by itself, which no cloud has; they are the same otherwise.
const OLD_CREATION = /^\/v2(?=\/sandboxes(?:\?|$))/;
const NEW_VERSION = "/v3";

const SILENT = { info: () => undefined, warn: () => undefined };

/** Requests go to an engine in this process whose sandboxes are on a vendor's cloud, by that vendor's own SDK. */
export class CloudTransport implements Transport {
  readonly kind: CloudName;
  readonly #opened = new MadeOnce(() => open(this.kind));

  constructor(kind: CloudName) {
    this.kind = kind;
  }

  async fetch(path: string, init: FetchInit = {}): Promise<Response> {
    init.signal?.throwIfAborted();
    return withUrl(await this.#answer(path, init), `http://localhost${path}`);
  }

  describe(): string {
    return `the cloud of ${this.kind}`;
  }

  async close(): Promise<void> {
    const opening = this.#opened.current;
    this.#opened.forget(opening);
    const opened = await opening?.catch(() => undefined);
    await opened?.engine[Symbol.asyncDispose]();
  }

  async #answer(path: string, init: FetchInit): Promise<Response> {
    if (!path.startsWith(`${VERCEL_PREFIX}/`)) {
      const message = `There is nothing at ${path}: ${this.describe()} has the sandbox API alone, below ${VERCEL_PREFIX}.`;
      return faultAnswer("not_found", message);
    }
    const { engine, answer } = await this.#opened.get();
    const { dispatcher: _, ...rest } = init;
    const below = path.slice(VERCEL_PREFIX.length);
    const asked = init.method === "POST" ? below.replace(OLD_CREATION, NEW_VERSION) : below;
    const request = new Request(`http://localhost${asked}`, {
      ...rest,
      ...(rest.body instanceof ReadableStream && { duplex: "half" }),
    });
    try {
      if (request.method === "GET") await refresh(engine, new URL(request.url).pathname);
      return await answer(request);
    } catch (error) {
      if (!SandboxError.is(error) || error.code === "engine_unavailable") throw error;
      return refusal(error);
    }
  }
}

/** Lists are told from what was seen, so before one is told, it is looked at. */
async function refresh(engine: CloudEngine, pathname: string): Promise<void> {
  const path = pathname.replace(/^\/v\d/, "");
  if (path === "/sandboxes" || path === "/sandboxes/sessions") {
    await engine.refresh({ of: "sandboxes" });
  } else if (path === "/sandboxes/snapshots") {
    await engine.refresh({ of: "snapshots" });
  }
  const session = /^\/sandboxes\/sessions\/([^/]+)\/cmd$/.exec(path)?.[1];
  if (session !== undefined) {
    await engine.refresh({ of: "commands", sessionId: decodeURIComponent(session) });
  }
}

async function open(kind: CloudName): Promise<Opened> {
  // Programs whose sandboxes are elsewhere need none of this.
  const [{ openCloudEngine }, { memoryStore }, { vercelFace }] = await Promise.all([
    import("../backends/clouds/open-cloud.ts"),
    import("../backends/store/memory-store.ts"),
    import("../faces/vercel/vercel-face.ts"),
  ]);
  const engine = await openCloudEngine(kind, { store: memoryStore() });
  const face = vercelFace({
    engine,
    log: SILENT,
    openInteractive: async () => {
      throw new SandboxError(
        "unsupported",
        `A terminal was asked for, but not with SANDLOT_ENGINE=${kind}: it needs a connection that this way does not keep. Use the vendor's own SDK for it.`,
      );
    },
  });
  return { engine, answer: (request) => face.fetch(request) };
}
