/** Header lines in the order and the spelling in which they came. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Those that speak of one connection, not of the message (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Pairs of what Node gives as one flat list. */
export function headerList(rawHeaders: readonly string[]): HeaderList {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index]!,
    rawHeaders[2 * index + 1]!,
  ]);
}

/** What is passed on to the next connection. An upgrade is asked for anew where one is wanted. */
export function endToEnd(headers: HeaderList): HeaderList {
  const named = new Set(
    headers
      .filter(([name]) => name.toLowerCase() === "connection")
      .flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/)),
  );
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && !named.has(lower);
  });
}

/** With these headers, each in place of all of its name. */
export function withHeaders(
  headers: HeaderList,
  changes: Readonly<Record<string, string>>,
): HeaderList {
  const changed = new Set(Object.keys(changes).map((name) => name.toLowerCase()));
  return [
    ...headers.filter(([name]) => !changed.has(name.toLowerCase())),
    ...Object.entries(changes),
  ];
}

/** As Node takes a list that holds a name more than once. */
export function rawHeaders(headers: HeaderList): string[] {
  return headers.flat();
}
