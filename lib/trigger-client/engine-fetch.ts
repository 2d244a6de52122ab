import { SandboxError } from "../contract/errors.ts";
import type { FetchInit } from "../host/native-fetch.ts";
import { sharedTransport } from "../host/shared-transport.ts";
import { withUrl } from "../host/transport.ts";
import { enginePathOf } from "./vendor-address.ts";

/**
 * A fetch for the vendor's client classes: it takes the URLs that they ask for and goes to the engine
 * instead. It reaches nothing else: any other URL is `forbidden`.
 */
export async function engineFetch(
  input: string | URL | Request,
  init: FetchInit = {},
): Promise<Response> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request ? request.url : String(input));
  const path = enginePathOf(url);
  if (path === undefined) {
    throw new SandboxError(
      "forbidden",
      `A sandbox call went to ${url.origin}${url.pathname}, which is not the sandbox API. It was not sent.`,
    );
  }
  const response = await sharedTransport().fetch(path, toEngine({ ...request && partsOf(request), ...init }));
  return withUrl(response, url.href);
}

function partsOf(request: Request): FetchInit {
  const { method, headers, body, signal } = request;
  return { method, headers, body, signal, ...(body && { duplex: "half" as const }) };
}

/** Without what is for the cloud alone: its credentials, and the connections that the client keeps to it. */
function toEngine({ dispatcher: _, ...init }: FetchInit): FetchInit {
  const headers = new Headers(init.headers);
  headers.delete("authorization");
  return { ...init, headers };
}
