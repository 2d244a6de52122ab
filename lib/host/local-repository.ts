import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { promisify } from "node:util";
import { SandboxError } from "../contract/errors.ts";

const run = promisify(execFile);

/**
 * A repository of this machine's, which sandboxes with files of their own cannot reach: a tar archive of a bare
 * copy, with every branch and tag, that gives out any commit. Throws `source_failed` with what git says.
 */
export async function packRepository(
  url: URL,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Readable> {
  const directory = await mkdtemp(join(tmpdir(), "sandlot-repository-"));
  const copy = join(directory, "source.git");
  const options = { ...(signal && { signal }), env: { ...process.env, GIT_TERMINAL_PROMPT: "0" } };
  try {
    // Not by hard links: what is packed must not be what somebody is changing.
    await run("git", ["clone", "--quiet", "--mirror", "--no-local", "--", url.href, copy], options);
    await run("git", ["-C", copy, "config", "uploadpack.allowAnySHA1InWant", "true"], options);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    signal?.throwIfAborted();
    throw new SandboxError(
      "source_failed",
      `git clone of ${url.href} failed: ${complaint(error)}`,
      {
        cause: error,
      },
    );
  }
  const tar = spawn("tar", ["-C", copy, "-cf", "-", "."], { stdio: ["ignore", "pipe", "ignore"] });
  const archive = new PassThrough();
  tar.on("error", (error) => archive.destroy(error));
  // At once: what nobody reads until a program has ended, Node throws away.
  tar.stdout.pipe(archive);
  tar.once("close", () => void rm(directory, { recursive: true, force: true }));
  return archive;
}

function complaint(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : "";
  return said || error.message;
}
