import { Hono } from "hono";
import { SandboxError } from "../../contract/errors.ts";
import type { Face, FaceContext, RequestHead, SandboxHint } from "../../engine/face.ts";
import { abortable } from "../../std/abortable.ts";
import type { Call, Endpoint } from "../../engine/face-request.ts";
import type { DaytonaContext } from "./answers.ts";
import { json } from "./answers.ts";
import { isSelfProven } from "./credentials.ts";
import { type FaultPlace, faultOfStatus, presentFault, type Source, wireError } from "./faults.ts";
import { DefaultContexts } from "./default-contexts.ts";
import { PreviewGates } from "./preview-gates.ts";
import { sandboxEndpoints } from "./sandbox-endpoints.ts";
import { settingEndpoints } from "./setting-endpoints.ts";
import { accessEndpoints } from "./access-endpoints.ts";
import { snapshotEndpoints } from "./snapshot-endpoints.ts";
import { volumeEndpoints } from "./volume-endpoints.ts";
import { secretEndpoints } from "./secret-endpoints.ts";
import { toolboxEndpoints } from "./toolbox.ts";
import { connectToolbox } from "./toolbox-sockets.ts";
import { unsupportedEndpoints } from "./unsupported-endpoints.ts";
import { decodedPart, TOOLBOX } from "./toolbox-path.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import { ShellSessions } from "./shell-sessions.ts";
import { telemetryEndpoints } from "./system-endpoints.ts";

/**
 * Daytona's API and, below `/toolbox/<sandbox>`, the toolbox of each sandbox. `fetch` answers whatever is asked,
 * by an error's status if need be; it rejects only with the reason of the request's own signal.
 */
export function daytonaFace(given: FaceContext): Face {
  const context: DaytonaContext = {
    ...given,
    previews: new PreviewGates(given),
    shells: new ShellSessions(given.engine),
    defaultContexts: new DefaultContexts(given.engine),
    turns: new KeyedMutex(),
  };
  const place = (head: RequestHead): FaultPlace => {
    const { pathname } = new URL(head.url);
    return {
      source: sourceOf(pathname),
      method: head.method,
      path: pathname,
      now: context.clock.now(),
    };
  };
  const errorAnswer = (error: unknown, head: RequestHead): Response => {
    const body = wireError(error, { ...place(head), log: context.log });
    return json(body, { status: body.statusCode });
  };
  const app = new Hono();
  mount(app, [
    // What has a fixed word where others have a name comes first.
    ...unsupportedEndpoints(),
    ...sandboxEndpoints(context),
    ...settingEndpoints(context),
    ...accessEndpoints(context),
    ...snapshotEndpoints(context),
    ...volumeEndpoints(context),
    ...secretEndpoints(context),
    ...telemetryEndpoints(context),
    ...toolboxEndpoints(context),
  ]);
  app.notFound(({ req: { raw } }) => {
    const { pathname } = new URL(raw.url);
    const message = `There is nothing at ${pathname}. This is Daytona's API: its paths begin with /sandbox, /snapshots, /volumes, /secret or ${TOOLBOX}.`;
    return errorAnswer(new SandboxError("not_found", message), raw);
  });
  app.onError((error, { req: { raw } }) => {
    // Nobody reads this one: `fetch` has rejected already.
    if (raw.signal.aborted) return new Response(null, { status: 499 });
    return errorAnswer(error, raw);
  });
  return {
    async fetch(request) {
      request.signal.throwIfAborted();
      // Hono would run the GET, whose body nobody reads or closes then.
      if (request.method === "HEAD") return errorAnswer(refusedMethod(request, "GET"), request);
      const answer = Promise.resolve(app.fetch(request));
      try {
        return await abortable(answer, request.signal);
      } catch (error) {
        // The answer that nobody waits for any more must not keep a reader of the engine's open.
        void answer.then(({ body }) => body?.cancel(error)).catch(() => undefined);
        throw error;
      }
    },
    async connect(request) {
      try {
        return await connectToolbox(request, context);
      } catch (error) {
        request.signal.throwIfAborted();
        return errorAnswer(error, request);
      }
    },
    admits: isSelfProven,
    sandboxOf,
    refuse(head, { status, message }) {
      return json(presentFault(faultOfStatus(status), message, place(head)), { status });
    },
  };
}

/** By its id or its name: clients may use either. */
function sandboxOf({ url }: Pick<RequestHead, "url">): SandboxHint | undefined {
  const { pathname } = new URL(url);
  const [, part] = /^\/(?:sandbox|toolbox)\/([^/]+)/.exec(pathname) ?? [];
  if (part === undefined || part === "ssh-access") return undefined;
  const idOrName = decodedPart(part);
  return /^[a-z0-9]{20}$/.test(idOrName) ? { id: idOrName } : { name: idOrName };
}

function sourceOf(path: string): Source {
  return path.startsWith(`${TOOLBOX}/`) ? "DAYTONA_DAEMON" : "DAYTONA_API";
}

function mount(app: Hono, endpoints: Endpoint[]): void {
  const byPath = Map.groupBy(endpoints, ({ path }) => path);
  for (const [path, methods] of byPath) {
    for (const { method, answer } of methods) {
      app.on(method, path, ({ req }) => {
        const call: Call = {
          request: req.raw,
          url: new URL(req.url),
          // Hono's type depends on the path's text, which is not known here.
          parameter: (name) => req.param(name) ?? "",
        };
        return answer(call);
      });
    }
    const allow = methods.map(({ method }) => method).join(", ");
    app.all(path, ({ req: { raw } }) => {
      throw refusedMethod(raw, allow);
    });
  }
}

function refusedMethod({ method, url }: RequestHead, allow: string): SandboxError {
  const message = `${method} is not answered at ${new URL(url).pathname}; use ${allow}.`;
  return new SandboxError("method_not_allowed", message);
}
