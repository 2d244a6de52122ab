import type { IncomingHttpHeaders } from "node:http";
import { isSameSecret } from "../std/same-secret.ts";

// A web page can make the browser send requests to a port of this machine, and by DNS rebinding even
// under a name of its own. Each check here closes one way in; the token closes all of them again.

export interface Refusal {
  status: 401 | 403;
  message: string;
}

/** What a listener is called: by the Host header, with its port. */
interface Named {
  hosts: readonly string[];
  scheme: "http" | "https";
}

/** A listener on a loopback port, or one that has names of its own. */
export type ListenerName = { port: number } | Named;

/**
 * Why a request to a TCP listener of this machine is not served; undefined when it may be. Without a
 * token, only where it comes from is looked at. `key` is what does as well as the bearer token.
 */
export function refusal(
  headers: IncomingHttpHeaders,
  {
    token,
    key,
    ...own
  }: ListenerName & { token?: string; key?: { header: string; value: string } },
): Refusal | undefined {
  const { hosts, scheme } = "port" in own ? ownOf(own.port) : own;
  const host = headers.host ?? "";
  if (!hosts.includes(host.toLowerCase())) {
    const [first, second] = hosts;
    const names = second === undefined ? first : `${first} or ${second}`;
    return {
      status: 403,
      message: `The Host header names ${JSON.stringify(host)}, which is not this listener. Use ${names}.`,
    };
  }
  const { origin } = headers;
  if (origin !== undefined && !isOwnOrigin(origin, { hosts, scheme })) {
    return {
      status: 403,
      message: `Pages of ${JSON.stringify(origin)} may not call this listener.`,
    };
  }
  const site = headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") {
    return { status: 403, message: "Pages of other sites may not call this listener." };
  }
  if (token === undefined || isBearer(headers.authorization, token)) return undefined;
  if (!key) {
    return {
      status: 401,
      message:
        "A bearer token is needed: the one in the file `token` of the engine's state folder. Clients send what SANDLOT_TOKEN holds.",
    };
  }
  const given = headers[key.header];
  if (typeof given === "string" && isSameSecret(given, key.value)) return undefined;
  return {
    status: 401,
    message: `The header ${key.header} does not hold this engine's key. \`sandlot env e2b\` prints it.`,
  };
}

function ownOf(port: number): Named {
  return {
    hosts: ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`),
    scheme: "http",
  };
}

function isOwnOrigin(origin: string, { hosts, scheme }: Named): boolean {
  const url = URL.parse(origin);
  return url?.protocol === `${scheme}:` && hosts.includes(url.host);
}

function isBearer(header: string | undefined, token: string): boolean {
  return isSameSecret(/^Bearer (.+)$/i.exec(header ?? "")?.[1] ?? "", token);
}
