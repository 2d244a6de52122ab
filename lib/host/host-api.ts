import type * as z from "zod";
import { SandboxError } from "../contract/errors.ts";
import { messageOf } from "../std/message-of.ts";
import { CONTROLS_PATH } from "./controls/control-words.ts";
import { controlsAreOff } from "./controls/controls.ts";
import type { EngineHolder } from "./engine-holder.ts";
import { faultAnswer } from "./fault-answer.ts";
import {
  type ListenAnswer,
  ListenRequest,
  ShutdownRequest,
  type StatusAnswer,
  type VersionAnswer,
} from "./host-answers.ts";
import type { OpenEngine } from "./open-engine.ts";
import { TOKEN_KEYS_PATH } from "./token-keys.ts";
import { FACE_PREFIXES } from "./face-mounts.ts";

export interface HostApiOptions {
  open: OpenEngine;
  holder: EngineHolder;
  home: string;
  /** How many requests are being answered. */
  requests: () => number;
  /** How long it stays with nothing to do. Absent where the caller's own program decides. */
  idleMs?: () => number;
  /** Makes sure that the API is on a TCP port of this machine. Absent where there is no listener. */
  listen?: (request: z.output<typeof ListenRequest>) => Promise<ListenAnswer>;
  /** Ends the process in order, after the answer was given. Absent where the caller's own program decides. */
  end?: () => void;
}

/** The answers to paths outside of the faces: `/health` and those under `/sandlot`. */
export function hostApi(options: HostApiOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(`${CONTROLS_PATH}/`)) {
      const { controls } = options.open;
      const answer = controls ? await controls.answer(request) : controlsAreOff();
      if (answer) return answer;
    }
    switch (`${request.method} ${pathname}`) {
      case "GET /health":
        return Response.json({ ok: true });
      case "GET /sandlot/version":
        return Response.json(version(options));
      case "GET /sandlot/status":
        return Response.json(status(options));
      case `GET ${TOKEN_KEYS_PATH}`:
        return Response.json(await options.open.tokenKeys());
      case "POST /sandlot/listen":
        return listen(request, options);
      case "POST /sandlot/shutdown":
        return shutdown(request, options);
      default:
        return faultAnswer(
          "not_found",
          `There is nothing at ${request.method} ${pathname}. The sandbox APIs are below ${Object.values(FACE_PREFIXES).join(", ")}.`,
        );
    }
  };
}

function version({ open, holder, home }: HostApiOptions): VersionAnswer {
  const { pid, version: own, protocol } = holder;
  return {
    name: "sandlot",
    version: own,
    protocol,
    pid,
    home,
    isolation: open.engine.isolation.name,
  };
}

function status(options: HostApiOptions): StatusAnswer {
  const { open, holder, requests } = options;
  const idleMs = options.idleMs?.();
  const { kind, startedAt, socketPath, url } = holder;
  return {
    ...version(options),
    kind,
    startedAt,
    features: { ...open.engine.isolation.features },
    busy: open.engine.isBusy(),
    shells: open.shells(),
    requests: Math.max(0, requests() - 1),
    memoryBytes: process.memoryUsage.rss(),
    ...(idleMs !== undefined && { idleMs }),
    ...(socketPath !== undefined && { socketPath }),
    ...(url !== undefined && { url }),
  };
}

async function listen(request: Request, options: HostApiOptions): Promise<Response> {
  if (!options.listen) {
    return faultAnswer(
      "unsupported",
      "An embedded engine does not listen. Set SANDLOT_ENGINE=daemon.",
    );
  }
  const asked = ListenRequest.safeParse(await request.json().catch(() => undefined));
  if (!asked.success) return faultAnswer("invalid_request", "Send {names?: boolean}.");
  try {
    return Response.json(await options.listen(asked.data));
  } catch (error) {
    if (SandboxError.is(error)) return faultAnswer(error.code, error.message);
    const reason = messageOf(error);
    return faultAnswer(
      "engine_unavailable",
      `The engine was asked to listen on a port, but it cannot: ${reason}. Its state is in ${options.home}.`,
    );
  }
}

async function shutdown(request: Request, options: HostApiOptions): Promise<Response> {
  const { open, requests, end } = options;
  if (!end)
    return faultAnswer(
      "unsupported",
      "An embedded engine ends with the program that it is part of.",
    );
  const asked = ShutdownRequest.safeParse(await request.json().catch(() => undefined));
  if (!asked.success)
    return faultAnswer("invalid_request", "Send {ifIdle?: boolean, stopSandboxes?: boolean}.");
  const busy = open.engine.isBusy() || open.shells() > 0 || requests() > 1;
  if (asked.data.ifIdle && busy) {
    const error = { code: "sandbox_running", message: "Sandboxes run or callers wait." };
    return Response.json({ error }, { status: 409 });
  }
  if (asked.data.stopSandboxes) await open.stopAll();
  end();
  return Response.json({ ending: true });
}
