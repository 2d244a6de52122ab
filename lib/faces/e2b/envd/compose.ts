import type { Readable } from "node:stream";
import { posix } from "node:path";
import * as z from "zod";
import { LIMITS } from "../../../contract/limits.ts";
import type { Sandbox } from "../../../contract/sandbox.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { FileToWrite } from "../../../engine/file-words.ts";
import { callerNamed } from "./caller.ts";
import { refuseWith } from "./file-answers.ts";
import { readJsonBody } from "./json-body.ts";
import { SandboxFiles } from "./sandbox-files.ts";

const Path = z
  .string()
  .min(1)
  .max(LIMITS.pathLength)
  .refine((path) => !path.includes("\0"), { message: "a path holds no NUL" });
const ComposeRequest = z.object({
  source_paths: z.array(Path).min(1).max(10_000),
  destination: Path,
  username: z.string().optional(),
});

/** `POST /files/compose`: makes one file of several, one behind the other, and removes them. */
export async function compose(
  request: Request,
  { engine, sandbox }: { engine: Engine; sandbox: Sandbox },
): Promise<Response> {
  const parsed = ComposeRequest.safeParse(await readJsonBody(request));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuseWith(400, `invalid request body: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { username, destination, source_paths: given } = parsed.data;
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
      yield* read.content as AsyncIterable<Uint8Array> & Readable;
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
