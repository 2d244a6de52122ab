import type { Endpoint } from "../../engine/face-request.ts";
import type { DaytonaContext, ToolboxEndpoint } from "./answers.ts";
import { checkProof } from "./credentials.ts";
import { fileEndpoints } from "./file-endpoints.ts";
import { fileTransferEndpoints } from "./file-transfers.ts";
import { findSandbox } from "./find-sandbox.ts";
import { gitEndpoints } from "./git-endpoints.ts";
import { interpreterEndpoints } from "./interpreter-endpoints.ts";
import { processEndpoints } from "./process-endpoints.ts";
import { ptyEndpoints } from "./pty-endpoints.ts";
import { shellEndpoints } from "./shell-endpoints.ts";
import { systemEndpoints } from "./system-endpoints.ts";
import { TOOLBOX } from "./toolbox-path.ts";

/** What the vendor has inside every sandbox: here the engine does it from outside. */
export function toolboxEndpoints(context: DaytonaContext): Endpoint[] {
  const endpoints = [
    ...processEndpoints(context),
    ...shellEndpoints(context),
    ...ptyEndpoints(context),
    ...interpreterEndpoints(context),
    ...fileEndpoints(context),
    ...fileTransferEndpoints(context),
    ...gitEndpoints(context),
    ...systemEndpoints(context),
  ];
  return endpoints.map((endpoint) => ofSandbox(context, endpoint));
}

function ofSandbox(context: DaytonaContext, { method, path, answer }: ToolboxEndpoint): Endpoint {
  return {
    method,
    path: `${TOOLBOX}/:sandboxId${path}`,
    async answer(call) {
      const { sandbox, session } = await findSandbox(context, call.parameter("sandboxId"));
      checkProof(call.request, { sandbox, keys: context, nowMs: context.clock.now() });
      return answer({ ...call, sandbox, session });
    },
  };
}
