/** What the first bytes of an HTTP/1 connection tell. `more`: not enough has arrived. */
export type RequestHead =
  | { kind: "more" }
  | { kind: "request"; host: string | undefined }
  | { kind: "none" };

/** As Node's own parser, times four: cookies. */
export const HEAD_BYTES = 64 * 1024;
const START = /^(?:$|[A-Z]{1,20}(?: |$))/;
const REQUEST_LINE = /^[A-Z]{1,20} (\S+) HTTP\/1\.[01]$/;

/** Reads which host an HTTP client asks for. A request that names two different ones is none. */
export function readRequestHead(bytes: Buffer): RequestHead {
  const text = bytes.subarray(0, HEAD_BYTES).toString("latin1");
  if (!START.test(text.slice(0, 21))) return { kind: "none" };
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return { kind: bytes.length < HEAD_BYTES ? "more" : "none" };
  const [line = "", ...fields] = text.slice(0, end).split("\r\n");
  const target = REQUEST_LINE.exec(line)?.[1];
  if (target === undefined) return { kind: "none" };
  const hosts = new Set<string>();
  for (const field of fields) {
    const host = /^host:[ \t]*(.*?)[ \t]*$/i.exec(field)?.[1];
    if (host !== undefined) hosts.add(host.toLowerCase());
    // A space before the colon, or a folded line: two readers could read it in two ways.
    else if (/^host\s/i.test(field) || /^\s/.test(field)) return { kind: "none" };
  }
  const authority = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];
  if (authority !== undefined) hosts.add(authority.toLowerCase());
  if (hosts.size > 1) return { kind: "none" };
  const [host] = hosts;
  return { kind: "request", host: host === undefined ? undefined : hostName(host) };
}

/** The name in a `host` header, without its port; undefined for what is no name or address. */
export function hostName(host: string): string | undefined {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d*)?$/i.exec(host)?.[1];
  if (bracketed !== undefined) return bracketed;
  const name = /^([a-z0-9_.-]+)(?::\d*)?$/i.exec(host)?.[1];
  return name?.toLowerCase().replace(/\.$/, "");
}
