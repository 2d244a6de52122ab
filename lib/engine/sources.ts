import { posix } from "node:path";
import type { Readable } from "node:stream";
import { SandboxError } from "../contract/errors.ts";
import type { Source } from "../contract/sandbox-parts.ts";
import { newId } from "../std/ids.ts";
import { peekStream } from "../std/peek-stream.ts";
import type { Fetcher, Root } from "./ports.ts";
import { runInRoot } from "./run-in-root.ts";

type GitSource = Extract<Source, { type: "git" }>;
type TarballSource = Extract<Source, { type: "tarball" }>;

export interface SourceOptions {
  fetcher: Fetcher;
  /** The directory that receives the files, as commands see it. */
  cwd: string;
  /** A directory of the engine's for what only lives as long as the call. */
  scratch: string;
  signal?: AbortSignal;
}

/** Fills a fresh root from a repository or an archive. Throws `source_failed` with the reason. */
export async function loadSource(
  root: Root,
  source: GitSource | TarballSource,
  options: SourceOptions,
): Promise<void> {
  if (source.type === "git") await cloneRepository(root, source, options);
  else await unpackTarball(root, source, options);
}

/** The directory's name, as `git clone` picks it. */
export function repositoryName(url: string): string {
  const path = url
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
  return path.split(/[/:]/).at(-1) || "repository";
}

/** The address without credentials, and the credentials: given ones win over those in the address. */
export function splitCredentials(source: Pick<GitSource, "url" | "username" | "password">): {
  url: string;
  authorization?: string;
} {
  let { url, username, password } = source;
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) {
    const parsed = new URL(url);
    username ??= decodeURIComponent(parsed.username) || undefined;
    password ??= decodeURIComponent(parsed.password) || undefined;
    if (parsed.username || parsed.password) {
      parsed.username = "";
      parsed.password = "";
      url = parsed.href;
    }
  }
  if (username === undefined && password === undefined) return { url };
  const pair = Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64");
  return { url, authorization: `Authorization: Basic ${pair}` };
}

async function cloneRepository(
  root: Root,
  source: GitSource,
  options: SourceOptions,
): Promise<void> {
  const { cwd, scratch, signal } = options;
  const { url, authorization } = splitCredentials(source);
  for (const [field, value] of [
    ["url", url],
    ["revision", source.revision],
  ] as const) {
    if (value?.startsWith("-")) {
      throw new SandboxError("invalid_request", `source.${field} must not begin with a dash.`);
    }
  }
  const target = posix.join(cwd, repositoryName(url));
  const depth = source.depth === undefined ? [] : ["--depth", String(source.depth)];
  // Credentials go by the environment of these processes alone: not into the
  // arguments, which other processes can read, nor into the clone's config.
  const env: Record<string, string> = {
    GIT_TERMINAL_PROMPT: "0",
    ...(authorization && {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "http.extraHeader",
      GIT_CONFIG_VALUE_0: authorization,
    }),
  };
  const git = async (args: string[], directory: string) => {
    const errand = { cmd: "git", args, env, cwd: directory, ...(signal && { signal }) };
    return runInRoot(root, errand, `${scratch}-git`);
  };
  const must = async (args: string[], directory: string) => {
    const { exitCode, errorTail } = await git(args, directory);
    if (exitCode === 0) return;
    throw new SandboxError(
      "source_failed",
      `git ${args[0]} of ${url} failed (exit code ${exitCode}): ${withoutCredentials(errorTail)}`,
    );
  };
  // Of a path, git would take everything, whatever the depth.
  const quietly = ["--quiet", "--no-local", ...depth];
  const clone = async (from: string) => {
    if (source.revision === undefined) {
      await must(["clone", ...quietly, "--", from, target], cwd);
      return;
    }
    // A branch or a tag can be cloned by name; a commit has to be fetched by its id.
    const byName = ["clone", ...quietly, "--branch", source.revision, "--", from, target];
    if ((await git(byName, cwd)).exitCode === 0) return;
    await must(["init", "--quiet", "--", target], cwd);
    await must(["remote", "add", "origin", from], target);
    const fetched = await git(["fetch", "--quiet", ...depth, "origin", source.revision], target);
    if (fetched.exitCode === 0) {
      await must(["checkout", "--quiet", "FETCH_HEAD"], target);
      return;
    }
    // A server may refuse ids that no branch points at: then the whole history is asked.
    await must(["fetch", "--quiet", "--tags", "origin"], target);
    await must(["checkout", "--quiet", source.revision], target);
  };
  try {
    const archive = await options.fetcher.fetchRepository(url, signal ? { signal } : {});
    if (!archive) {
      await clone(url);
      return;
    }
    await using copy = await unpackCopy(root, archive, options);
    await clone(copy.path);
    await must(["remote", "set-url", "origin", url], target);
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "executable_not_found") throw error;
    throw new SandboxError(
      "source_failed",
      `A git source needs git, which the sandbox does not have: ${error.message}`,
      { cause: error },
    );
  }
}

/** A repository's bare copy inside, which goes when it was cloned. */
async function unpackCopy(
  root: Root,
  archive: Readable,
  { scratch, signal }: SourceOptions,
): Promise<AsyncDisposable & { path: string }> {
  const path = `/tmp/${newId("source")}.git`;
  await root.files.makeDirectory(path, { recursive: true });
  const errand = { cmd: "tar", args: ["-xf", "-"], cwd: path, stdin: archive };
  const { exitCode, errorTail } = await runInRoot(
    root,
    { ...errand, ...(signal && { signal }) },
    `${scratch}-copy`,
  );
  if (exitCode !== 0) {
    throw new SandboxError("source_failed", `The repository could not be brought in: ${errorTail}`);
  }
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await runInRoot(root, { cmd: "rm", args: ["-rf", path], cwd: "/" }, `${scratch}-copy`);
    },
  };
}

async function unpackTarball(
  root: Root,
  source: TarballSource,
  { fetcher, cwd, scratch, signal }: SourceOptions,
): Promise<void> {
  const waiting = signal ? { signal } : {};
  const archive = await fetcher.fetch(source.url, waiting);
  const { head, all } = await peekStream(archive, 8);
  // The sandbox's own tar unpacks, so that an archive with links can harm
  // nothing but the sandbox.
  const errand = {
    cmd: "tar",
    args: ["-x", ...compressionFlag(head), "-f", "-", "--no-same-owner"],
    cwd,
    stdin: all,
    ...waiting,
  };
  const { exitCode, errorTail } = await runInRoot(root, errand, `${scratch}-tar`);
  if (exitCode !== 0) {
    throw new SandboxError(
      "source_failed",
      `${withoutCredentials(source.url)} could not be unpacked (tar's exit code ${exitCode}): ${errorTail}`,
    );
  }
}

function compressionFlag(head: Buffer): string[] {
  if (head[0] === 0x1f && head[1] === 0x8b) return ["-z"];
  if (head.subarray(0, 3).toString("latin1") === "BZh") return ["-j"];
  if (head.subarray(1, 5).toString("latin1") === "7zXZ") return ["-J"];
  if (head.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return ["--zstd"];
  return [];
}

/** Text that may quote an address, without what stands before the host's `@`. */
function withoutCredentials(text: string): string {
  return text.replace(/(\w+:\/\/)[^\s/@]+@/g, "$1");
}
