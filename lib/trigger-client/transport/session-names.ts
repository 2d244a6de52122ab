import type { TriggerPlatform } from "./platform.ts";

/** Whose sandbox's session or snapshot it is, for calls that name only that. */
export class SessionNames {
  readonly #names = new Map<string, string>();

  note(name: string, ids: readonly string[]): void {
    for (const id of ids) this.#names.set(id, name);
  }

  /** Looks at what hosts told when no answer that passed here told it; undefined when nobody told it. */
  async nameOf({ id }: { id: string }, platform: TriggerPlatform): Promise<string | undefined> {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    for await (const { hosted } of platform.list()) {
      if (!hosted) continue;
      this.note(hosted.sandbox.name, [hosted.session.id, ...hosted.snapshotIds]);
      if (this.#names.has(id)) return this.#names.get(id);
    }
    return undefined;
  }
}

/** The same answer; if it tells of sessions or snapshots, `note` is given their ids. */
export async function noteSessions(
  response: Response,
  note: (ids: string[]) => void,
): Promise<Response> {
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok || !type.startsWith("application/json")) return response;
  const text = await response.text();
  note(idsIn(JSON.parse(text)));
  const { status, statusText, headers } = response;
  return new Response(text, { status, statusText, headers });
}

/** Where answers of the API tell them. */
function idsIn(answer: unknown): string[] {
  const told = ["session", "snapshot", "sessions", "snapshots"].flatMap((name) =>
    field(answer, name),
  );
  const ids = [
    ...told.flatMap((each) => field(each, "id")),
    ...["currentSessionId", "currentSnapshotId"].flatMap((name) =>
      field(answer, "sandbox").flatMap((sandbox) => field(sandbox, name)),
    ),
  ];
  return ids.filter((id) => typeof id === "string");
}

/** What the field holds, as a list. */
function field(value: unknown, name: string): unknown[] {
  const found: unknown = value instanceof Object ? Reflect.get(value, name) : undefined;
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}
