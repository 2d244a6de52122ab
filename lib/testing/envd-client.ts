import type { Sandbox, Session } from "../contract/sandbox.ts";
import { accessTokens } from "../faces/e2b/access-tokens.ts";
import { decodeFrames, encodeFrame } from "../faces/e2b/envd/connect-frames.ts";
import { envdService } from "../faces/e2b/envd/envd-service.ts";
import type { E2bContext, SandboxService } from "../faces/e2b/sandbox-service.ts";
import { temporaryEngine } from "./temporary-engine.ts";

const decoder = new TextDecoder();

/** The face's time here: links that end after this are good. */
const NOW_MS = 1_700_000_000_000;

/** A message of a stream of envd's, as far as tests look into it. */
interface Wire {
  event?: {
    start?: { pid: number };
    data?: Record<string, string>;
    end?: object;
    keepalive?: object;
  };
  error?: { code: string; message: string };
}

export type Messages = AsyncGenerator<{ message: Wire; end: boolean }, void, void>;

/** A running sandbox of an engine of its own, behind one of the services that e2b has in each. Ends with all that it holds. */
export async function openSandboxService(
  serve: (context: E2bContext) => SandboxService = envdService,
) {
  const open = await temporaryEngine();
  const { engine, parts, directory, clock } = open;
  const tokens = accessTokens("secret of a test");
  const none = () => {
    throw new Error("no service inside a sandbox asks for that");
  };
  const service = serve({
    engine,
    log: parts.log,
    clock: { now: () => NOW_MS, at: none },
    tokens,
    publicUrl: none,
    secret: none,
    forward: none,
    openPreview: none,
  });
  const target: { sandbox: Sandbox; session: Session } = await engine.sandboxes.create({
    user: "user",
    env: { OWN: "yes" },
  });
  const { sandbox: other } = await engine.sandboxes.create({ user: "user" });
  const token = tokens.ofSandbox(target.sandbox.id);

  /** One request; with the sandbox's token unless other headers are given in its place. */
  async function ask(
    path: string,
    init: RequestInit = {},
    headers: Record<string, string> = { "x-access-token": token },
  ): Promise<Response> {
    const given = new Headers(init.headers);
    for (const [name, value] of Object.entries(headers)) given.set(name, value);
    const request = new Request(`http://envd.test${path}`, { ...init, headers: given });
    return service.fetch(request, target);
  }

  /** A unary call: its status and its answer. */
  async function call(path: string, message: unknown, headers: Record<string, string> = {}) {
    const response = await ask(`/${path}`, {
      method: "POST",
      body: typeof message === "string" ? message : JSON.stringify(message),
      headers: { "content-type": "application/json", ...headers },
    });
    const text = await response.text();
    return {
      status: response.status,
      json: text === "" ? undefined : (JSON.parse(text) as object),
    };
  }

  /** A call that answers by a stream. */
  async function stream(
    path: string,
    body: NonNullable<RequestInit["body"]>,
    { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Messages> {
    const response = await ask(`/${path}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/connect+json", ...headers },
      ...(signal && { signal }),
    });
    if (response.status !== 200) throw new Error(`${path} was answered by ${response.status}`);
    return messages(response);
  }

  /** A command by the shell, to its end. */
  async function run(code: string, more: object = {}, headers: Record<string, string> = {}) {
    return collect(await stream("process.Process/Start", shell(code, more), { headers }));
  }

  return {
    engine,
    directory,
    /** The engine's. */
    clock,
    target,
    token,
    otherToken: tokens.ofSandbox(other.id),
    ask,
    call,
    stream,
    run,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

/** What starts a command by the shell. */
export function shell(code: string, more: object = {}): Uint8Array<ArrayBuffer> {
  const message = { process: { cmd: "/bin/bash", args: ["-c", code], ...more }, stdin: false };
  return Uint8Array.from(encodeFrame(message));
}

async function* messages(response: Response): Messages {
  const body = response.body ?? new Blob([]).stream();
  for await (const { payload, end } of decodeFrames(body, { limitBytes: 1e9 })) {
    yield { message: JSON.parse(decoder.decode(payload)) as Wire, end };
  }
}

/** What a stream of a process told in all. */
export async function collect(stream: Messages) {
  const told = { pid: 0, stdout: "", stderr: "", pty: "", end: undefined as unknown, last: {} };
  for await (const { message, end } of stream) {
    const { start, data, end: ended } = message.event ?? {};
    if (start) told.pid = start.pid;
    for (const [name, base64] of Object.entries(data ?? {})) {
      told[name as "stdout" | "stderr" | "pty"] += Buffer.from(base64, "base64").toString();
    }
    if (ended) told.end = ended;
    if (end) told.last = message;
  }
  return told;
}
