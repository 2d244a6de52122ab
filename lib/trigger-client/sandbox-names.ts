// Old programs ask a command for its sandbox's id, which is the sandbox's name here; the vendor's commands
// know their session only. All objects of one sandbox share one HTTP client, so that tells which it is.
const names = new WeakMap<object, string>();

export function rememberName(object: object, name: string): void {
  const client = clientOf(object);
  if (client) names.set(client, name);
}

export function nameOf(object: object): string | undefined {
  const client = clientOf(object);
  return client && names.get(client);
}

function clientOf(object: object): object | undefined {
  const client: unknown = Reflect.get(object, "_client");
  return typeof client === "object" && client !== null ? client : undefined;
}
