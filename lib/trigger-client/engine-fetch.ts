import { SandboxError } from "../contract/errors.ts";
import type { FetchInit } from "../host/native-fetch.ts";
import { provideTriggerTransport, sharedTransport } from "../host/shared-transport.ts";
import { withUrl } from "../host/transport.ts";
import { lazyTriggerTransport } from "./transport/lazy-trigger-transport.ts";
import { enginePathOf } from "./vendor-address.ts";

provideTriggerTransport(lazyTriggerTransport);

/**
 * A fetch for the vendor's client classes: it takes the URLs that they ask for and goes to the engine
 * instead. It reaches nothing else: any other URL is `forbidden`.
 */
export async function engineFetch(
  input: string | URL | Request,
  init: FetchInit = {},
): Promise<Response> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(input instanceof Request ? input.url : input);
  const path = enginePathOf(url);
  if (path === undefined) {
    throw new SandboxError(
      "forbidden",
      `A sandbox call went to ${url.origin}${url.pathname}, which is not the sandbox API. It was not sent.`,
    );
  }
  try {
    const parts = toEngine({ ...(request && partsOf(request)), ...init });
    return withUrl(await sharedTransport().fetch(path, parts), url.href);
  } catch (error) {
    throw SandboxError.is(error) ? withoutRetry(error) : error;
  }
}

/** The vendor's client repeats what failed, but there is no engine to be had by asking again at once. */
function withoutRetry(error: SandboxError): SandboxError {
  // What its retry loop (the package async-retry) looks for.
  return Object.defineProperty(error, "bail", { value: true, configurable: true });
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
