/** The path that a person means who typed this: a path, or the app's whole address. Never one of another site. */
export function pathOf(typed: string, base: string): string {
  const text = typed.trim();
  const target = parse(
    /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `/${text.replace(/^\/+/, "")}`,
    base,
  );
  if (!target) return "/";
  return `${target.pathname}${target.search}${target.hash}`;
}

/** The address of a path in the app. */
export function addressIn(base: string, path: string): string {
  return new URL(pathOf(path, base), base).href;
}

function parse(text: string, base: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    // Half an address, as it is while somebody types.
    return undefined;
  }
}
