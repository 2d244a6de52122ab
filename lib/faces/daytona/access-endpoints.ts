import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { Port } from "../../contract/sandbox.ts";
import { type Call, type Endpoint, checkFields } from "../../engine/face-request.ts";
import { type DaytonaContext, done, json } from "./answers.ts";
import {
  expiryOfPreviewToken,
  previewToken,
  signedPreviewToken,
  signingKey,
  TOKEN_QUERY,
} from "./credentials.ts";
import { changeSandbox, findSandbox } from "./find-sandbox.ts";
import { readQuery } from "./read-request.ts";
import { changeKept } from "./setting-endpoints.ts";
import { toolboxUrl } from "./sandbox-endpoints.ts";

const DAY_S = 24 * 60 * 60;
const SignedQuery = z.object({
  expiresInSeconds: z.coerce.number().pipe(z.int().min(1).max(DAY_S)).default(60),
});
const PortPart = z.object({ port: z.coerce.number().pipe(Port) });

/** The ways into a sandbox: its ports, its toolbox, the key of its file links. */
export function accessEndpoints(context: DaytonaContext): Endpoint[] {
  const { engine, previews } = context;
  const base = "/sandbox/:id";
  const find = (idOrName: string) => findSandbox(context, idOrName);
  return [
    {
      method: "GET",
      path: `${base}/ports/:port/preview-url`,
      async answer({ parameter }) {
        const port = readPort(parameter);
        const { sandbox } = await find(parameter("id"));
        const url = await previews.open(sandbox, port);
        return json({ sandboxId: sandbox.id, url, token: previewToken(context, sandbox) });
      },
    },
    {
      method: "GET",
      path: `${base}/ports/:port/signed-preview-url`,
      async answer({ url: asked, parameter }) {
        const port = readPort(parameter);
        const { expiresInSeconds } = readQuery(asked, SignedQuery, "a signed link");
        const { sandbox } = await find(parameter("id"));
        const expires = Math.floor(context.clock.now() / 1_000) + expiresInSeconds;
        const token = signedPreviewToken(context, sandbox, { port, expires });
        const url = await previews.open(sandbox, port);
        return json({
          sandboxId: sandbox.id,
          port,
          token,
          url: `${url}/?${TOKEN_QUERY}=${token}`,
        });
      },
    },
    {
      method: "POST",
      path: `${base}/ports/:port/signed-preview-url/:token/expire`,
      async answer({ parameter }) {
        const port = readPort(parameter);
        const token = parameter("token");
        await changeSandbox(context, parameter("id"), async (view) => {
          const { sandbox } = view;
          const expires = expiryOfPreviewToken(context, sandbox, { token, port });
          if (expires === undefined) {
            throw new SandboxError("not_found", "There is no such signed preview of this port.");
          }
          const nowS = context.clock.now() / 1_000;
          const change = changeKept(({ endedPreviews }) => {
            // Those whose time is over need no remembering.
            const ended = Object.entries(endedPreviews).filter(([, until]) => until > nowS);
            return { endedPreviews: { ...Object.fromEntries(ended), [token]: expires } };
          });
          const updated = await engine.sandboxes.update(sandbox.name, change(view));
          previews.update(updated.sandbox);
        });
        return done();
      },
    },
    {
      method: "GET",
      path: `${base}/signing-key`,
      async answer({ parameter }) {
        const { sandbox } = await find(parameter("id"));
        return json(signingKey(context, sandbox));
      },
    },
    {
      method: "POST",
      path: `${base}/signing-key/rotate`,
      async answer({ parameter }) {
        const change = changeKept(({ signingKeyRotations: count }) => ({
          signingKeyRotations: count + 1,
        }));
        return changeSandbox(context, parameter("id"), async (view) => {
          const updated = await engine.sandboxes.update(view.sandbox.name, change(view));
          return json(signingKey(context, updated.sandbox));
        });
      },
    },
    {
      method: "GET",
      path: `${base}/toolbox-proxy-url`,
      async answer({ request, parameter }) {
        await find(parameter("id"));
        return json({ url: toolboxUrl(context, request) });
      },
    },
  ];
}

function readPort(parameter: Call["parameter"]): number {
  return checkFields(PortPart, { port: parameter("port") }, "a port").port;
}
