import { SandboxError } from "../../contract/errors.ts";

/** Whom a call of the vendor's API is for, where each sandbox has a host of its own. */
export type SandboxRoute =
  | { kind: "list" }
  /** `isOld`: by the first version of the API, where a sandbox cannot be given its name. */
  | { kind: "create"; isOld: boolean }
  | { kind: "sandbox"; name: string; deletes: boolean; wakes: boolean }
  | { kind: "session"; id: string }
  | { kind: "snapshot"; id: string }
  /** No path of the API. */
  | { kind: "unknown" };

const API = /^\/vercel\/(v[123])\/sandboxes(?:\/([^?]*))?$/;

/** Throws `unsupported` for what needs one engine that all sandboxes share, and says so. */
export function sandboxRoute(method: string, path: string): SandboxRoute {
  const url = new URL(path, "http://localhost");
  const [, version, rest = ""] = API.exec(url.pathname) ?? [];
  if (version === undefined) return { kind: "unknown" };
  const [first = "", id, last] = rest.split("/").map(decodeURIComponent);
  if (first === "") {
    return method === "POST" ? { kind: "create", isOld: version === "v1" } : { kind: "list" };
  }
  if (version !== "v1" && first === "drives") throw unsupported("Drives outlive sandboxes");
  if (first === "snapshots") return snapshotRoute(url, id);
  if (version !== "v1" && first === "sessions") return sessionRoute(url, { id, last });
  if (id === "fork") throw unsupported("A fork has the files of another sandbox");
  const exact = id === undefined;
  return {
    kind: "sandbox",
    name: first,
    deletes: exact && method === "DELETE",
    // A look at what is known of one that does not run starts nothing.
    wakes: !exact || method !== "GET" || url.searchParams.get("resume") === "true",
  };
}

function sessionRoute(
  url: URL,
  { id, last }: { id?: string | undefined; last?: string | undefined },
) {
  if (last === "interactive") throw unsupported("A terminal needs a connection to the machine");
  if (id !== undefined) return { kind: "session" as const, id };
  return ofSandbox(url, "sessions");
}

function snapshotRoute(url: URL, id: string | undefined): SandboxRoute {
  if (id === undefined) return ofSandbox(url, "snapshots");
  if (id !== "tree") return { kind: "snapshot", id };
  return { kind: "snapshot", id: url.searchParams.get("snapshotId") ?? "" };
}

function ofSandbox(url: URL, what: string): SandboxRoute {
  const name = url.searchParams.get("name");
  if (!name) throw unsupported(`A list of the ${what} of all sandboxes would ask all of them`);
  return { kind: "sandbox", name, deletes: false, wakes: true };
}

function unsupported(reason: string): SandboxError {
  return new SandboxError(
    "unsupported",
    `${reason}, and with SANDLOT_ENGINE=trigger each sandbox is alone in a run of its own. Use an engine that all programs share (SANDLOT_ENGINE=daemon or a URL) for this.`,
  );
}
