import { posix } from "node:path";
import * as z from "zod";
import type { Sandbox } from "../../../contract/sandbox.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { FileToWrite } from "../../../engine/file-words.ts";
import { callerNamed } from "./caller.ts";
import { refuseWith } from "./file-answers.ts";
import { parseMessage, readJsonBody } from "./json-body.ts";
import { WirePath } from "./wire-filesystem.ts";
import { SandboxFiles } from "./sandbox-files.ts";

const Path = WirePath.min(1);
const ComposeRequest = z.object({
  source_paths: z.array(Path).min(1).max(10_000),
  destination: Path,
  username: z.string().optional(),
});

/** `POST /files/compose`: makes one file of several, one behind the other, and removes them. Throws Refusal. */
export async function compose(
  request: Request,
  { engine, sandbox }: { engine: Engine; sandbox: Sandbox },
): Promise<Response> {
  const message = parseMessage(ComposeRequest, await readJsonBody(request));
  const { username, destination, source_paths: given } = message;
  const files = new SandboxFiles({ engine, sandbox, caller: callerNamed(username, sandbox) });
  const path = files.resolve(destination);
  const sources = given.map((source) => files.resolve(source));
  for (const source of sources) {
    if (source === path) {
      return refuseWith(400, `source path '${source}' cannot be the same as destination`);
    }
    const info = await files.target(source);
    if (!info) return refuseWith(404, `source file not found: ${source}`);
    if (info.type !== "file") {
      return refuseWith(400, `source path is not a regular file: ${source}`);
    }
  }
  const { sessionId, sudo, owner } = files;
  const { signal } = request;
  async function* content(): AsyncGenerator<Uint8Array, void, void> {
    for (const source of sources) {
      const read = await engine.files.read(sessionId, { path: source, sudo }, { signal });
      yield* read.content as AsyncIterable<Uint8Array>;
    }
  }
  async function* entry(): AsyncGenerator<FileToWrite, void, void> {
    yield { path, content: content(), owner, metadata: {} };
  }
  await engine.files.write(sessionId, entry(), { sudo, signal });
  for (const source of new Set(sources)) {
    await engine.files.remove(sessionId, { path: source, sudo });
  }
  return Response.json({ name: posix.basename(path), type: "file", path });
}
