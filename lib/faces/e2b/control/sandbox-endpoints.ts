import { SandboxError } from "../../../contract/errors.ts";
import type { CreateSandboxRequestInput } from "../../../contract/sandbox.ts";
import type { Call, Endpoint } from "../../../engine/face-request.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { json, nothing } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readBody } from "./read-request.ts";
import { networkNotice } from "../../../engine/network-notice.ts";
import { presentDetail, presentSandbox } from "./present-sandbox.ts";
import { resolveTemplate } from "./resolve-template.ts";
import { keptNetwork, toNetworkPolicy } from "./wire-network.ts";
import { NewSandbox, NewSandboxV2, toTimeoutMs } from "./wire-sandbox.ts";

/** Making, showing and ending sandboxes. */
export function sandboxEndpoints(context: E2bContext): Endpoint[] {
  const { engine } = context;

  async function create(
    { request }: Call,
    body: NewSandboxV2 & { secure: boolean },
  ): Promise<Response> {
    const wanted = await toCreateRequest(body, context);
    const view = await engine.sandboxes.create(wanted, { signal: request.signal });
    const { networkPolicy: policy, name: sandboxName } = view.sandbox;
    return json(presentSandbox(view.sandbox, context), {
      status: 201,
      headers: networkNotice(context, { policy, sandboxName }),
    });
  }

  return [
    {
      method: "POST",
      path: "/v2/sandboxes",
      async answer(call) {
        const body = await readBody(call, NewSandboxV2, "a new sandbox");
        return create(call, { ...body, secure: true });
      },
    },
    {
      method: "POST",
      path: "/sandboxes",
      answer: async (call) => create(call, await readBody(call, NewSandbox, "a new sandbox")),
    },
    {
      method: "GET",
      path: "/sandboxes/:id",
      async answer({ parameter }) {
        return json(presentDetail(await engine.sandboxes.byId(parameter("id")), context));
      },
    },
    {
      method: "DELETE",
      path: "/sandboxes/:id",
      async answer({ parameter }) {
        const { sandbox } = await engine.sandboxes.byId(parameter("id"));
        await engine.sandboxes.delete(sandbox.name);
        return nothing();
      },
    },
  ];
}

async function toCreateRequest(
  body: NewSandboxV2 & { secure: boolean },
  context: E2bContext,
): Promise<CreateSandboxRequestInput> {
  refuseWhatIsOnlyThere(body);
  const template = await resolveTemplate(body.templateID, context);
  const network = body.network ?? {};
  const kept = withoutUndefined({
    templateId: template.templateId,
    alias: template.alias,
    secure: body.secure,
    allowPublicTraffic: network.allowPublicTraffic ?? true,
    maskRequestHost: network.maskRequestHost ?? undefined,
    allowInternetAccess: body.allow_internet_access ?? undefined,
    network: keptNetwork(network),
  });
  return withoutUndefined({
    ...template.start,
    user: "user" as const,
    // Whoever else stops it (another face, the engine's own end) leaves something to connect to.
    persistent: true,
    timeoutMs: toTimeoutMs(body.timeout),
    env: body.envVars,
    tags: body.metadata,
    networkPolicy: toNetworkPolicy(network, body.allow_internet_access ?? true),
    onTimeout: body.autoPause ? ("pause" as const) : ("delete" as const),
    pauseMemory: body.autoPauseMemory,
    autoResume: body.autoResume?.enabled,
    mounts:
      body.volumeMounts &&
      Object.fromEntries(body.volumeMounts.map(({ name, path }) => [path, { drive: name }])),
    kept: { e2b: kept },
  });
}

/** What the vendor's cloud alone can give is refused before anything is made. */
function refuseWhatIsOnlyThere({ mcp, iam, network, autoPause, autoResume }: NewSandboxV2): void {
  const refused = [
    mcp && "`mcp`: the vendor's MCP gateway is a program of its cloud",
    Object.keys(iam?.tokens ?? {}).length > 0 &&
      "`iam.tokens`: identity tokens are issued by the vendor's cloud",
    (network?.httpsPorts?.length ?? 0) > 0 &&
      "`network.httpsPorts`: ports are reached by plain HTTP here",
  ].find((reason) => typeof reason === "string");
  if (refused !== undefined) {
    throw new SandboxError("unsupported", `${refused}; leave it out to run here.`);
  }
  if (autoResume?.enabled && !autoPause) {
    throw new SandboxError(
      "invalid_request",
      "`autoResume`: only a sandbox that is paused at its timeout can be resumed; set autoPause, too.",
    );
  }
}
