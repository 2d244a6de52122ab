import { posix } from "node:path";
import { SandboxError } from "../../../contract/errors.ts";
import type { Engine } from "../../../engine/engine.ts";
import { callerOf } from "./caller.ts";
import { Refusal } from "./connect-codes.ts";
import { type RpcCall, type RpcMethod, serverStream, unary } from "./connect-rpc.ts";
import { SandboxFiles } from "./sandbox-files.ts";
import { Watchers } from "./watchers.ts";
import {
  type FilesystemEvent,
  ListDirRequest,
  MoveRequest,
  type NamedEvent,
  PathRequest,
  presentEvent,
  WATCH_KEEP_ALIVE,
  WatcherRequest,
  WatchRequest,
} from "./wire-filesystem.ts";

/** `filesystem.Filesystem`: names, directories and what happens to them. Its procedures, by their paths. */
export function filesystemService({ engine }: { engine: Engine }): Record<string, RpcMethod> {
  const watchers = new Watchers();
  const filesOf = ({ request, sandbox }: RpcCall) =>
    new SandboxFiles({ engine, sandbox, caller: callerOf(request, sandbox) });
  return {
    "/filesystem.Filesystem/Stat": unary(PathRequest, async ({ path }, call) => {
      const files = filesOf(call);
      return { entry: await files.entry(files.resolve(path), { signal: call.signal }) };
    }),
    "/filesystem.Filesystem/MakeDir": unary(PathRequest, async ({ path: given }, call) => {
      const files = filesOf(call);
      const path = files.resolve(given);
      const there = await files.target(path);
      if (there?.type === "directory") {
        throw new Refusal("already_exists", `directory already exists: ${path}`);
      }
      if (there) {
        throw new Refusal(
          "invalid_argument",
          `path already exists but it is not a directory: ${path}`,
        );
      }
      await files.makeDirectory(path);
      return { entry: await files.entry(path) };
    }),
    "/filesystem.Filesystem/Move": unary(MoveRequest, async (message, call) => {
      const files = filesOf(call);
      const { sessionId, sudo } = files;
      const [source, destination] = [
        files.resolve(message.source),
        files.resolve(message.destination),
      ];
      await files.makeDirectory(posix.dirname(destination));
      await engine.files.move(sessionId, { source, destination, sudo }, { signal: call.signal });
      return { entry: await files.entry(destination) };
    }),
    "/filesystem.Filesystem/ListDir": unary(ListDirRequest, async ({ path, depth }, call) => {
      const files = filesOf(call);
      const { sessionId, sudo } = files;
      const place = { path: files.resolve(path), depth, sudo, metadata: true };
      const found = await engine.files.list(sessionId, place, { signal: call.signal });
      const entries = [];
      for (const info of found) entries.push(await files.present(info));
      return { entries };
    }),
    "/filesystem.Filesystem/Remove": unary(PathRequest, async ({ path: given }, call) => {
      const files = filesOf(call);
      const { sessionId, sudo } = files;
      const place = { path: files.resolve(given), sudo };
      await engine.files.remove(sessionId, place, { signal: call.signal }).catch(unlessMissing);
      return {};
    }),
    "/filesystem.Filesystem/WatchDir": serverStream(
      WatchRequest,
      async function* (message, call) {
        for await (const event of watch(message, { engine, call, signal: call.signal })) {
          yield event === undefined ? { start: {} } : { filesystem: event };
        }
      },
      { filler: WATCH_KEEP_ALIVE },
    ),
    "/filesystem.Filesystem/CreateWatcher": unary(WatchRequest, async (message, call) => ({
      watcherId: await watchers.create(call.sandbox.currentSessionId, (signal) =>
        watch(message, { engine, call, signal }),
      ),
    })),
    "/filesystem.Filesystem/GetWatcherEvents": unary(
      WatcherRequest,
      async ({ watcherId }, call) => ({ events: watchers.take(watcherId, call) }),
    ),
    "/filesystem.Filesystem/RemoveWatcher": unary(WatcherRequest, async ({ watcherId }, call) => {
      watchers.remove(watcherId, call);
      return {};
    }),
  };
}

/** What happens in a directory; first `undefined`, when everything from then on is seen. */
async function* watch(
  { path, recursive, includeEntry }: WatchRequest,
  { engine, call, signal }: { engine: Engine; call: RpcCall; signal: AbortSignal },
): AsyncGenerator<FilesystemEvent | undefined, void, void> {
  const { request, sandbox } = call;
  const files = new SandboxFiles({ engine, sandbox, caller: callerOf(request, sandbox) });
  const { sessionId, sudo } = files;
  const place = { path: files.resolve(path), recursive, sudo };
  for await (const event of engine.files.watch(sessionId, place, { signal })) {
    if (event.type === "ready") yield undefined;
    else if (event.type === "dropped") {
      throw new Refusal("internal", "watcher error: events came faster than they were read");
    } else yield presentEvent(event, includeEntry ? await entryOf(event, files) : undefined);
  }
}

/** Of a thing that is gone again, nothing more can be told. */
async function entryOf({ path }: NamedEvent, files: SandboxFiles) {
  return files.entry(path).catch(unlessMissing);
}

/** The vendor's servers remove what is not there without a word. */
function unlessMissing(error: unknown): undefined {
  if (SandboxError.is(error) && error.code === "file_not_found") return undefined;
  throw error;
}
