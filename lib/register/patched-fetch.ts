import type { FetchInit, NativeFetch } from "../host/native-fetch.ts";
import { isTokenKeysUrl } from "../host/token-keys.ts";
import { enginePathOf } from "../trigger-client/vendor-address.ts";
import { LearnedHosts } from "./learned-hosts.ts";
import { offlineAnswer } from "./offline-answer.ts";

/**
 * A fetch that takes the sandbox API's URLs to the engine, sandboxes' public names to their ports here,
 * and answers for the vendor's services that its clients ask on the way. Everything else goes on as it is.
 */
export function patchedFetch(
  next: NativeFetch,
  routeUrl: (route: { url: string; port: number }) => string = ({ url }) => url,
): NativeFetch {
  const hosts = new LearnedHosts(routeUrl);
  // The name shows in stack traces and in programs that look at it.
  return async function fetch(input, init): Promise<Response> {
    const url = urlOf(input);
    if (url?.protocol !== "https:") return next(input, init);
    if (enginePathOf(url) !== undefined) return callEngine(input, { init, hosts });
    if (isTokenKeysUrl(url)) {
      const { fetchTokenKeys } = await import("../trigger-client/sandbox-proxy.ts");
      return fetchTokenKeys();
    }
    const local = hosts.localUrl(url);
    if (local) {
      const target = input instanceof Request ? new Request(local, input) : local;
      // The client keeps its connections to the cloud; this is another place.
      const { dispatcher: _, ...rest } = init ?? {};
      return next(target, rest);
    }
    return hosts.missing(url) ?? offlineAnswer(url, methodOf(input, init)) ?? next(input, init);
  };
}

async function callEngine(
  input: string | URL | Request,
  { init, hosts }: { init: FetchInit | undefined; hosts: LearnedHosts },
): Promise<Response> {
  const { engineFetch } = await import("../trigger-client/engine-fetch.ts");
  const response = await engineFetch(input, init);
  await hosts.learn(response);
  return response;
}

function urlOf(input: string | URL | Request): URL | undefined {
  if (input instanceof URL) return input;
  return URL.parse(input instanceof Request ? input.url : input) ?? undefined;
}

function methodOf(input: string | URL | Request, init: FetchInit | undefined): string {
  return (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
}
