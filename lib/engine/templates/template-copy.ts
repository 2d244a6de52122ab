import { posix } from "node:path";
import { Readable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import type { TemplateStep } from "../../contract/template.ts";
import { readArchive } from "../archive.ts";
import type { Root } from "../ports.ts";
import { resolvePath } from "../resolve-path.ts";
import type { FileEntry } from "../root-files.ts";
import { runInRoot } from "../run-in-root.ts";
import type { BuildState } from "./template-plan.ts";
import type { TemplateArchives } from "./template-archives.ts";

type CopyStep = Extract<TemplateStep, { type: "copy" }>;

export interface CopyOptions {
  root: Root;
  state: BuildState;
  archives: TemplateArchives;
  /** Whether the sandbox has users: otherwise everything is its one user's. */
  hasUsers: boolean;
  /** A directory to make, to use and to delete. */
  scratch: string;
  signal: AbortSignal;
}

/** What an archive holds, by absolute paths as if it were unpacked at `/`. */
interface Content {
  files: Set<string>;
  directories: Set<string>;
  links: Map<string, string>;
}

/**
 * Brings an archive's files into a build. The archive is read twice: what a step means depends on what is in it.
 * Links are made when all files are there, so that no file is written through one of the archive's own.
 */
export async function copyIntoBuild(step: CopyStep, options: CopyOptions): Promise<void> {
  const { root, state, archives, hasUsers, signal } = options;
  const { hash } = step.archive;
  if (!hasUsers && step.user !== undefined && step.user.replace(/:.*/, "") === "root") {
    throw new SandboxError(
      "unsupported",
      "A copy step cannot make files root's here: this isolation has no users of the sandbox's own.",
    );
  }
  const content = await contentOf(await archives.open(hash), signal);
  const source = plainPart(step.source);
  const place = await placeOf(step, { source, content, options });
  const access = { signal, ...(hasUsers && { sudo: true }) };
  for (const directory of content.directories) {
    const path = place(directory);
    if (path !== undefined) await root.files.makeDirectory(path, { ...access, recursive: true });
  }
  const entries = readArchive(await archives.open(hash), {
    directory: "/",
    onDirectory: async () => undefined,
    onLink: () => undefined,
    signal,
  });
  await root.files.write(placed(entries, { place, mode: step.mode }), access);
  const all = [...content.files, ...content.directories, ...content.links.keys()];
  const targets = all.flatMap((path) => place(path) ?? []);
  if (targets.length === 0) {
    throw new SandboxError("invalid_request", `The archive holds nothing at ${step.source}.`);
  }
  for (const [path, target] of content.links) {
    const link = place(path);
    if (link === undefined) continue;
    const directory = posix.dirname(link);
    await root.files.makeDirectory(directory, { ...access, recursive: true });
    await errand(options, {
      cmd: "ln",
      args: ["-sfn", "--", target, `./${posix.basename(link)}`],
      cwd: directory,
    });
  }
  if (hasUsers) await giveTo(step.user ?? state.user, targets, options);
}

async function* placed(
  entries: AsyncIterable<FileEntry>,
  { place, mode }: { place: (path: string) => string | undefined; mode: number | undefined },
): AsyncGenerator<FileEntry, void, void> {
  for await (const entry of entries) {
    const path = place(entry.path);
    if (path === undefined) for await (const _piece of entry.content); // Nobody wants it.
    else yield { ...entry, path, ...(mode !== undefined && { mode }) };
  }
}

async function contentOf(archive: Readable, signal: AbortSignal): Promise<Content> {
  const content: Content = { files: new Set(), directories: new Set(), links: new Map() };
  const entries = readArchive(archive, {
    directory: "/",
    onDirectory: async (path) => void content.directories.add(path),
    onLink: (path, target) => void content.links.set(path, target),
    signal,
  });
  for await (const entry of entries) {
    content.files.add(entry.path);
    for await (const _piece of entry.content);
  }
  return content;
}

/** Where each path of the archive goes; undefined for what is not meant. */
async function placeOf(
  step: CopyStep,
  { source, content, options }: { source: string; content: Content; options: CopyOptions },
): Promise<(path: string) => string | undefined> {
  const destination = resolvePath(options.state.cwd, step.destination);
  if (content.files.has(source) || content.links.has(source)) {
    const isInto = step.destination.endsWith("/") || (await isDirectory(destination, options));
    const target = isInto ? posix.join(destination, posix.basename(source)) : destination;
    return (path) => (path === source ? target : undefined);
  }
  const below = source === "/" ? "/" : `${source}/`;
  return (path) => {
    if (path === source) return destination;
    return path.startsWith(below) ? posix.join(destination, path.slice(below.length)) : undefined;
  };
}

/** A source's part before its first wildcard, whose content was chosen when the archive was made. */
function plainPart(source: string): string {
  const parts = posix.normalize(source).split("/");
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  return resolvePath("/", (first === -1 ? parts : parts.slice(0, first)).join("/"));
}

async function isDirectory(path: string, { root, hasUsers, signal }: CopyOptions) {
  try {
    const { type } = await root.files.stat(path, { signal, ...(hasUsers && { sudo: true }) });
    return type === "directory";
  } catch (error) {
    if (SandboxError.is(error) && error.code === "file_not_found") return false;
    throw error;
  }
}

async function giveTo(user: string, paths: readonly string[], options: CopyOptions): Promise<void> {
  // A name without a group means the user's own.
  const owner = user.includes(":") ? user : `${user}:`;
  await errand(options, {
    cmd: "xargs",
    args: ["-0", "chown", "-h", owner, "--"],
    cwd: "/",
    stdin: Readable.from([paths.map((path) => `${path}\0`).join("")]),
  });
}

async function errand(
  { root, hasUsers, scratch, signal }: CopyOptions,
  program: { cmd: string; args: string[]; cwd: string; stdin?: Readable },
): Promise<void> {
  const { exitCode, errorTail } = await runInRoot(
    root,
    { ...program, sudo: hasUsers, signal },
    scratch,
  );
  if (exitCode === 0) return;
  throw new SandboxError(
    "source_failed",
    `${program.cmd} ended with exit code ${exitCode}: ${errorTail}`,
  );
}
