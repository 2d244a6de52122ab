import { OPERATION_LIMITS } from "sandlot/contract";
import { openSandbox } from "./open-sandbox.ts";
import { faultOf } from "./operation-fault.ts";
import { operationTask } from "./operation-task.ts";

/** Tells where a port of a sandbox is reached. */
export const getSandboxUrl = operationTask("get-sandbox-url", {
  description: "Tells the URL of a sandbox's port.",
  answerMs: OPERATION_LIMITS.answerMs,
  asked: ({ sandboxId, port }) => `tell the URL of port ${port} of the sandbox ${sandboxId}`,
  notFound: "sandbox_not_found",
  async run({ sandboxId, port }, { signal }) {
    const sandbox = await openSandbox(sandboxId, signal);
    const ports = sandbox.routes.map((route) => route.port);
    if (!ports.includes(port)) {
      throw faultOf(
        "invalid_request",
        `tell the URL of port ${port} of the sandbox ${sandboxId}`,
        `it exposes ${ports.length === 0 ? "no port" : `only ${ports.join(", ")}`}. Name the port in \`ports\` when the sandbox is created`,
      );
    }
    return { sandboxId, port, url: sandbox.domain(port) };
  },
});
