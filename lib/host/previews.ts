import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { SandboxError } from "../contract/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { ForwardOptions, Preview, PreviewRequest } from "../engine/face.ts";
import { forwardMessage, forwardUpgrade } from "./forward.ts";
import { requestHead } from "./request-head.ts";
import { refuseUpgrade } from "./socket-upgrades.ts";

interface Gate {
  server: Server;
  sockets: Set<Duplex>;
  request: PreviewRequest;
  /** Whose port it is: another sandbox may have the name by now. Undefined where there was none. */
  sandboxId: string | undefined;
}

/**
 * The listeners of private ports: each on a loopback port of its own, whose requests the face looks at before they
 * go on to the sandbox. Those of a deleted sandbox answer 404, and are closed when the next one is opened. The next
 * sandbox of its name gets them when it asks for its own.
 */
export class Previews implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #gates = new Map<string, Promise<Gate>>();

  constructor({ engine }: { engine: Engine }) {
    this.#engine = engine;
  }

  /** Opened once per face, sandbox and port; whoever asks again decides anew who is let in. */
  async open(face: string, request: PreviewRequest): Promise<Preview> {
    const key = JSON.stringify([face, request.sandboxName, request.port]);
    const known = this.#gates.get(key);
    const opening = known ?? this.#listen(request);
    this.#gates.set(key, opening);
    if (!known) await this.#closeLeftBehind(request.sandboxName);
    try {
      const gate = await opening;
      gate.sandboxId = await this.#idOf(request.sandboxName);
      gate.request = request;
      return { url: `http://localhost:${(gate.server.address() as AddressInfo).port}` };
    } catch (error) {
      this.#gates.delete(key);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gates = await Promise.allSettled(this.#gates.values());
    this.#gates.clear();
    for (const gate of gates) {
      if (gate.status === "fulfilled") await close(gate.value);
    }
  }

  /** Of sandboxes that are there no more, `except` for one that may be about to be there. */
  async #closeLeftBehind(except: string): Promise<void> {
    for (const [key, opening] of this.#gates) {
      const gate = await opening.catch(() => undefined);
      const name = gate?.request.sandboxName;
      if (!gate || name === undefined || name === except) continue;
      if ((await this.#idOf(name)) !== undefined) continue;
      this.#gates.delete(key);
      await close(gate);
    }
  }

  async #idOf(name: string): Promise<string | undefined> {
    try {
      return (await this.#engine.sandboxes.get(name)).sandbox.id;
    } catch (error) {
      if (SandboxError.is(error) && error.code === "sandbox_not_found") return undefined;
      throw error;
    }
  }

  async #listen(request: PreviewRequest): Promise<Gate> {
    const server = createServer((message, response) => void this.#answer(gate, message, response));
    const gate: Gate = { server, sockets: new Set(), request, sandboxId: undefined };
    server.on("upgrade", (message: IncomingMessage, socket, head) => {
      gate.sockets.add(socket);
      socket.once("close", () => gate.sockets.delete(socket));
      socket.on("error", () => socket.destroy()); // The caller left: nobody to tell.
      void this.#upgrade(gate, message, { socket, head });
    });
    // An app's own uploads and long answers.
    server.requestTimeout = 0;
    server.listen(0, "127.0.0.1");
    server.unref();
    await once(server, "listening");
    return gate;
  }

  async #answer(gate: Gate, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = await this.#way(gate, message);
    if (found instanceof Response) {
      for (const [name, value] of found.headers) response.appendHeader(name, value);
      response.writeHead(found.status);
      response.end(Buffer.from(await found.arrayBuffer()));
      return;
    }
    forwardMessage(message, response, found);
  }

  async #upgrade(
    gate: Gate,
    message: IncomingMessage,
    { socket, head }: { socket: Duplex; head: Buffer },
  ): Promise<void> {
    const found = await this.#way(gate, message);
    if (found instanceof Response) return refuseUpgrade(socket, found);
    forwardUpgrade(message, { socket, head, ...found });
  }

  /** Where the request goes, or the answer in its stead. Never rejects. */
  async #way(
    { request: { sandboxName, port, admit }, sandboxId }: Gate,
    message: IncomingMessage,
  ): Promise<Response | ({ hostPort: number } & ForwardOptions)> {
    try {
      if (!isLoopbackName(message.headers.host ?? "")) {
        return refusal(403, "The Host header names no address of this machine.");
      }
      const admitted = admit(requestHead(message));
      if (admitted instanceof Response) return admitted;
      const { sandbox, session } = await this.#engine.sandboxes.get(sandboxName);
      if (sandbox.id !== sandboxId) return refusal(404, "The sandbox of this address is deleted.");
      const { hostPort } = await this.#engine.sessions.route(session.id, port);
      return { ...admitted, hostPort };
    } catch (error) {
      if (!SandboxError.is(error)) return refusal(500, "The request could not be passed on.");
      return refusal(error.code === "sandbox_not_found" ? 404 : 502, error.message);
    }
  }
}

function refusal(status: number, message: string): Response {
  return Response.json({ error: { code: "preview_unavailable", message } }, { status });
}

// A page elsewhere that got its own name to mean this machine must not read what is behind a listener.
function isLoopbackName(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  return name === "127.0.0.1" || name === "[::1]" || /(^|\.)localhost$/.test(name);
}

async function close({ server, sockets }: Gate): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  for (const socket of sockets) socket.destroy();
  await closed;
}
