import { setTimeout as wait } from "node:timers/promises";
import type { Engine } from "../../engine/engine.ts";
import type { Face, FaceSocket, SocketForward } from "../../engine/face.ts";
import type { FaceName } from "../face-mounts.ts";
import { refuse } from "../refuse.ts";
import type { FaultAction } from "./control-words.ts";
import { cutAnswer } from "./cut-stream.ts";
import type { FaultBook } from "./fault-book.ts";
import type { RequestLog } from "./request-log.ts";

interface Equipment {
  engine: Engine;
  faults: FaultBook;
  requests: RequestLog;
}

type Connected = Response | FaceSocket | SocketForward;

/** The same face, whose requests are written down, and to some of which a test does something. */
export function equipFace(name: FaceName, face: Face, equipment: Equipment): Face {
  const call = <Answer extends Connected>(
    request: Request,
    answer: () => Promise<Answer | Response>,
  ): Promise<Answer | Response> => observe({ name, face, equipment, request, answer });
  const { connect } = face;
  return {
    ...face,
    fetch: async (request) =>
      // What answers here is a response, whatever was done to it.
      (await call(request, () => face.fetch(request))) as Response,
    ...(connect && { connect: (request) => call(request, () => connect(request)) }),
  };
}

async function observe<Answer extends Connected>({
  name,
  face,
  equipment,
  request,
  answer,
}: {
  name: FaceName;
  face: Face;
  equipment: Equipment;
  request: Request;
  answer: () => Promise<Answer | Response>;
}): Promise<Answer | Response> {
  const at = Date.now();
  const begun = performance.now();
  const { method } = request;
  const path = new URL(request.url).pathname;
  // Asked for beforehand: afterwards it may be deleted.
  const sandbox = await sandboxOf(face, { request, engine: equipment.engine });
  const taken = equipment.faults.take({ face: name, method, path, sandbox });
  let status = 499;
  try {
    const answered = await meet(taken, { request, face, answer });
    status = answered instanceof Response ? answered.status : 101;
    return answered;
  } finally {
    equipment.requests.add({
      at,
      face: name,
      method,
      path,
      status,
      durationMs: Math.round((performance.now() - begun) * 1_000) / 1_000,
      ...(sandbox[0] !== undefined && { sandbox: sandbox[0] }),
      ...(taken.length > 0 && { faults: taken.map(({ id }) => id) }),
    });
  }
}

/** Its name first, then its id; nothing for a request that names none, or one that is not there. */
async function sandboxOf(
  { sandboxOf: hintOf }: Face,
  { request, engine }: { request: Request; engine: Engine },
): Promise<string[]> {
  const hint = hintOf?.(request);
  if (!hint) return [];
  if ("name" in hint) return [hint.name];
  try {
    const { sandbox } =
      "id" in hint
        ? await engine.sandboxes.byId(hint.id)
        : await engine.sessions.get(hint.sessionId);
    return sandbox ? [sandbox.name, sandbox.id] : [];
  } catch {
    return []; // The face itself says that there is no such sandbox.
  }
}

async function meet<Answer extends Connected>(
  taken: { action: FaultAction }[],
  {
    request,
    face,
    answer,
  }: { request: Request; face: Face; answer: () => Promise<Answer | Response> },
): Promise<Answer | Response> {
  const actions = taken.map(({ action }) => action);
  for (const action of actions) {
    if (action.kind === "delay") await delay(action.delayMs, request.signal);
  }
  const refusal = actions.find((action) => action.kind === "status");
  if (refusal) {
    const response = refuse(request, refusal, face);
    for (const [header, value] of Object.entries(refusal.headers)) {
      response.headers.set(header, value);
    }
    return response;
  }
  const answered = await answer();
  const cut = actions.find((action) => action.kind === "cut");
  if (!cut) return answered;
  if (answered instanceof Response) return cutAnswer(answered, cut.afterBytes);
  if (!("open" in answered)) return answered;
  // A socket of the same kind: TypeScript does not follow the copy.
  return cutSocket(answered, cut.afterBytes) as Answer;
}

async function delay(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    // An engine in a test's own process does not keep that awake; the caller's wait does.
    await wait(delayMs, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** The same WebSocket, which is closed once the face has sent more than so many bytes: 1011 is "an error here". */
function cutSocket<Socket extends FaceSocket>(socket: Socket, afterBytes: number): Socket {
  return {
    ...socket,
    open(peer) {
      let left = afterBytes;
      return socket.open({
        send(data) {
          left -= Buffer.byteLength(data);
          if (left < 0) peer.close(1011, "A test asked for this.");
          else peer.send(data);
        },
        close: (code, reason) => peer.close(code, reason),
        get bufferedBytes() {
          return peer.bufferedBytes;
        },
        drained: () => peer.drained(),
      });
    },
  };
}
