import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

// A web page can make the browser send requests to a port of this machine, and by DNS rebinding even
// under a name of its own. Each check here closes one way in; the token closes all of them again.

export interface Refusal {
  status: 401 | 403;
  message: string;
}

/**
 * Why a request to a TCP listener of this machine is not served; undefined when it may be. Without a
 * token, only where it comes from is looked at. `key` is what does as well as the bearer token.
 */
export function refusal(
  headers: IncomingHttpHeaders,
  { port, token, key }: { port: number; token?: string; key?: { header: string; value: string } },
): Refusal | undefined {
  const host = headers.host ?? "";
  if (!isOwnHost(host, port)) {
    return {
      status: 403,
      message: `The Host header names ${JSON.stringify(host)}, which is not this listener. Use 127.0.0.1:${port} or localhost:${port}.`,
    };
  }
  const { origin } = headers;
  if (origin !== undefined && !isOwnOrigin(origin, port)) {
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
  if (typeof given === "string" && isSame(given, key.value)) return undefined;
  return {
    status: 401,
    message: `The header ${key.header} does not hold this engine's key. \`sandlot env e2b\` prints it.`,
  };
}

function isOwnHost(host: string, port: number): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].some(
    (name) => host.toLowerCase() === `${name}:${port}`,
  );
}

function isOwnOrigin(origin: string, port: number): boolean {
  const url = URL.parse(origin);
  return url?.protocol === "http:" && isOwnHost(url.host, port);
}

function isBearer(header: string | undefined, token: string): boolean {
  return isSame(/^Bearer (.+)$/i.exec(header ?? "")?.[1] ?? "", token);
}

// In the same time for every guess of the right length.
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
