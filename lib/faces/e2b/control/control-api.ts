import { Hono } from "hono";
import { SandboxError } from "../../../contract/errors.ts";
import type { Call } from "../../../engine/face-request.ts";
import { refusal } from "../answers.ts";
import { wireError } from "../faults.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { lifeEndpoints } from "./life-endpoints.ts";
import { listEndpoints } from "./list-endpoints.ts";
import { logEndpoints } from "./log-endpoints.ts";
import { observeEndpoints } from "./observe-endpoints.ts";
import { sandboxEndpoints } from "./sandbox-endpoints.ts";
import { secretEndpoints } from "./secret-endpoints.ts";
import { snapshotEndpoints } from "./snapshot-endpoints.ts";
import { templateEndpoints } from "./template-endpoints.ts";
import { templateLists } from "./template-lists.ts";
import { volumeContent } from "./volume-content.ts";
import { volumeEndpoints } from "./volume-endpoints.ts";

/** The control API: what an account can ask for. Answers whatever is asked, by an error's status if need be. */
export function controlApi(context: E2bContext): { fetch(request: Request): Promise<Response> } {
  const app = new Hono();
  // What has a fixed word where others have a name comes first.
  const endpoints = [
    ...listEndpoints(context),
    ...observeEndpoints(context),
    ...logEndpoints(context),
    ...sandboxEndpoints(context),
    ...lifeEndpoints(context),
    ...snapshotEndpoints(context),
    ...templateEndpoints(context),
    ...templateLists(context),
    ...volumeEndpoints(context),
    ...volumeContent(context),
    ...secretEndpoints(context),
  ];
  const byPath = Map.groupBy(endpoints, ({ path }) => path);
  for (const [path, methods] of byPath) {
    for (const { method, answer } of methods) {
      app.on(method, path, ({ req }) => answer(toCall(req.raw, (name) => req.param(name))));
    }
    const allow = methods.map(({ method }) => method).join(", ");
    app.all(path, ({ req: { raw } }) => refuseMethod(raw, allow));
  }
  const { log } = context;
  app.notFound(({ req: { raw } }) => {
    const message = `There is nothing at ${new URL(raw.url).pathname} of this API.`;
    return refusal({ code: 404, message });
  });
  app.onError((error, { req: { raw } }) => {
    // Nobody reads this one: the face has rejected already.
    if (raw.signal.aborted) return new Response(null, { status: 499 });
    const during = `${raw.method} ${new URL(raw.url).pathname}`;
    return refusal(wireError(error, { log, during }));
  });
  return {
    async fetch(request) {
      // Hono would run the GET, and nothing here is worth that without its body.
      return request.method === "HEAD" ? refuseMethod(request, "GET") : app.fetch(request);
    },
  };
}

function toCall(request: Request, parameter: (name: string) => string | undefined): Call {
  return {
    request,
    url: new URL(request.url),
    parameter(name) {
      const value = parameter(name);
      if (value !== undefined) return value;
      throw new SandboxError("internal", `The path has no part named ${name}.`);
    },
  };
}

function refuseMethod(request: Request, allow: string): Response {
  const message = `${request.method} is not answered at ${new URL(request.url).pathname}; use ${allow}.`;
  const answer = refusal({ code: 405, message });
  answer.headers.set("allow", allow);
  return answer;
}
