import type { Sandbox } from "../../../contract/sandbox.ts";
import { isSameSecret } from "../../../std/same-secret.ts";
import {
  type E2bContext,
  type SandboxService,
  sandboxService,
  type ServiceTarget,
} from "../sandbox-service.ts";
import { callerNamed } from "./caller.ts";
import { compose } from "./compose.ts";
import type { RpcMethod } from "./connect-rpc.ts";
import { download } from "./download.ts";
import { failureAnswer, refuseWith } from "./file-answers.ts";
import { filesystemService } from "./filesystem-service.ts";
import { presentMetrics } from "./present-metrics.ts";
import { processService } from "./process-service.ts";
import { SandboxFiles } from "./sandbox-files.ts";
import { type FileOperation, isSignedFor } from "./signature.ts";
import { upload } from "./upload.ts";

const OPERATIONS: Record<string, FileOperation> = { GET: "read", POST: "write" };

/**
 * What the vendor runs on port 49983 of each of its sandboxes: processes and names over Connect, files over plain
 * HTTP. Whoever calls shows the sandbox's token; for a single file, a link that was signed with it does.
 */
export function envdService(context: E2bContext): SandboxService {
  const { engine, log, clock } = context;
  const methods: Record<string, RpcMethod> = {
    ...processService({ engine, now: () => clock.now() }),
    ...filesystemService({ engine }),
  };
  return sandboxService(answer, { log, failed: failureAnswer });

  async function answer(
    request: Request,
    { sandbox, session, pathname }: ServiceTarget,
  ): Promise<Response> {
    const place = `${request.method} ${pathname}`;
    if (place === "GET /health") return new Response(null, { status: 204 });
    const token = context.tokens.ofSandbox(sandbox.id);
    const operation = pathname === "/files" ? OPERATIONS[request.method] : undefined;
    if (operation) {
      const refusal = refuseFile(request, { operation, token, nowMs: clock.now() });
      return refusal ?? answerFile(request, { operation, sandbox });
    }
    if (!isSameSecret(request.headers.get("x-access-token"), token)) {
      return refuseWith(
        401,
        "unauthorized access, please provide a valid access token or method signing if supported",
      );
    }
    const method = methods[pathname];
    if (method && request.method === "POST") return method(request, { sandbox, log });
    switch (place) {
      case "POST /files/compose":
        return compose(request, { engine, sandbox });
      case "GET /envs":
        return Response.json(sandbox.env);
      case "GET /metrics":
        return Response.json(presentMetrics(await engine.metrics(session.id)));
      default:
        return refuseWith(404, `There is nothing at ${place}.`);
    }
  }

  async function answerFile(
    request: Request,
    { operation, sandbox }: { operation: FileOperation; sandbox: Sandbox },
  ): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const caller = callerNamed(searchParams.get("username") || undefined, sandbox);
    const files = new SandboxFiles({ engine, sandbox, caller });
    // An empty path is as good as none: the form names the files.
    const path = searchParams.get("path") || undefined;
    if (operation === "write") return upload(request, { engine, files, path });
    return download(request, { engine, files, path: files.resolve(path ?? "") });
  }
}

/** Undefined for one who may: by the sandbox's token, or by a link that was signed for just this. */
function refuseFile(
  request: Request,
  { operation, token, nowMs }: { operation: FileOperation; token: string; nowMs: number },
): Response | undefined {
  const given = request.headers.get("x-access-token");
  if (given !== null && given !== "") {
    if (isSameSecret(given, token)) return undefined;
    return refuseWith(401, "access token present in header but does not match");
  }
  const url = new URL(request.url);
  if (!url.searchParams.has("signature")) {
    return refuseWith(401, "missing signature query parameter");
  }
  const signed = isSignedFor(url, { operation, token, nowMs });
  if (signed === "expired") return refuseWith(401, "signature is already expired");
  return signed ? undefined : refuseWith(401, "invalid signature");
}
