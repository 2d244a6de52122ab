import { everyItem } from "../../engine/every-item.ts";
import type { RequestHead } from "../../engine/face.ts";
import { refusal } from "./answers.ts";
import { isSignedFor } from "./envd/signature.ts";
import type { E2bContext, SandboxService } from "./sandbox-service.ts";

/** Whether a request is a link to a file that carries its proof, and names no sandbox. */
export function isSignedLink({ url }: RequestHead): boolean {
  const { pathname, searchParams } = new URL(url);
  return pathname === "/files" && searchParams.has("signature");
}

/**
 * Links that the vendor's clients sign name no sandbox when everything is behind one URL. Only one
 * sandbox's token gives such a signature, so that is the one that is meant. Answers like the service of a
 * sandbox, 401 where no running one signed it.
 */
export function signedFiles({ engine, tokens, clock }: E2bContext, envd: SandboxService) {
  return {
    async fetch(request: Request): Promise<Response> {
      const url = new URL(request.url);
      const operation = request.method === "GET" ? "read" : "write";
      const running = everyItem((part) =>
        engine.sandboxes.list({ ...part, sortOrder: "desc", statuses: ["running"] }),
      );
      for (const sandbox of running) {
        const token = tokens.ofSandbox(sandbox.id);
        if (isSignedFor(url, { operation, token, nowMs: clock.now() }) === false) continue;
        const { session } = await engine.sessions.get(sandbox.currentSessionId);
        return envd.fetch(request, { sandbox, session });
      }
      const message =
        "The link's signature is that of no running sandbox: it was made for another path, user or operation, or its sandbox is gone or paused.";
      return refusal({ code: 401, message });
    },
  };
}
