import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { refusal } from "../lib/host/loopback-guard.ts";
import { Cleanup } from "../lib/std/cleanup.ts";
import { Engine } from "./engine/engine.ts";
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from "./engine/options.ts";
import { Presence } from "./engine/presence.ts";
import { recover } from "./engine/recover.ts";
import { createApp } from "./http/app.ts";
import type { Platform } from "./http/context.ts";
import { openDevSocket } from "./http/dev-socket.ts";
import { type FrontDoor, openFrontDoor } from "./http/front-door.ts";
import { type Keys, readKeys } from "./http/keys.ts";
import { Packets } from "./http/packets.ts";
import { serveS2 } from "./http/s2-routes.ts";

export interface PlatformOptions {
  /** Runs, streams, sessions, packets and keys are kept here, for this user alone. */
  stateFolder: string;
  /** 0, the default, takes a free port. */
  port?: number;
  engine?: Partial<EngineOptions>;
}

export interface RunningPlatform extends AsyncDisposable {
  readonly url: string;
  readonly keys: Keys;
  /** What it holds, for tests that look inside. */
  readonly engine: Engine;
}

/**
 * Starts the platform on a loopback port. Runs that were under way go on when their CLI comes back; all that is kept is
 * there again. Disposing of it ends every connection and leaves the state folder. Throws when the port is taken.
 */
export async function startPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const opened = new Cleanup();
  try {
    return await open(options, opened);
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

async function open(options: PlatformOptions, opened: Cleanup): Promise<RunningPlatform> {
  const { stateFolder } = options;
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const keys = readKeys(stateFolder);
  const settings = { ...DEFAULT_ENGINE_OPTIONS, ...options.engine };
  const engine = new Engine(join(stateFolder, "platform.db"), settings);
  opened.add(() => engine[Symbol.dispose]());
  const ending = new AbortController();
  const platform: Platform = {
    engine,
    presence: new Presence(engine),
    keys,
    packets: new Packets(join(stateFolder, "packets"), keys.secretKey),
    url: () => `http://127.0.0.1:${door.port}`,
    ending: ending.signal,
  };
  const door: FrontDoor = await openFrontDoor({
    port: options.port ?? 0,
    onHttp2Stream: (stream, headers) => serveS2(platform, stream, headers),
  });
  opened.add(() => door[Symbol.asyncDispose]());
  answerHttp(door, platform);
  const socket = openDevSocket(door.http, platform);
  opened.add(() => socket[Symbol.asyncDispose]());
  opened.add(() => ending.abort());
  recover(engine);
  return {
    url: platform.url(),
    keys,
    engine,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function answerHttp({ http, port }: FrontDoor, platform: Platform): void {
  const listener = getRequestListener(createApp(platform).fetch, {
    hostname: "localhost",
    // A test has this in its own process, with other code that expects Node's own Response.
    overrideGlobalObjects: false,
  });
  http.on("request", (request, response) => {
    const refused = refusal(request.headers, { port });
    if (refused) {
      response.writeHead(refused.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: refused.message }));
      return;
    }
    void listener(request, response);
  });
}
