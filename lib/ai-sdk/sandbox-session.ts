import type {
  Experimental_SandboxReadFileOptions as PathOptions,
  Experimental_SandboxRunOptions as RunOptions,
  Experimental_SandboxSession as SandboxSession,
} from "@ai-sdk/provider-utils";
import { Readable } from "node:stream";
import { SandboxError } from "../contract/errors.ts";
import type { Sandbox } from "../trigger-client/index.ts";
import { spawn } from "./spawn.ts";
import { lines, toBytes, toText } from "./text-files.ts";

/**
 * The sandbox as the AI SDK's tools see it (`experimental_sandbox`): files and commands, nothing that could end it. It
 * reaches the sandbox as long as there is one, and resumes it when it has stopped. A command's output comes as the API
 * gives it, as text: bytes that are no UTF-8 are replaced. Throws `APIError` and `SandboxError` as the SDK does.
 */
export function sandboxSession(sandbox: Sandbox): SandboxSession {
  const readBinaryFile = async ({ path, abortSignal }: PathOptions) =>
    sandbox.readFileToBuffer({ path }, waiting(abortSignal));
  const writeBinaryFile: SandboxSession["writeBinaryFile"] = async (file) => {
    const { path, content, abortSignal } = file;
    await sandbox.writeFiles([{ path, content }], waiting(abortSignal));
  };
  return {
    get description() {
      return describe(sandbox);
    },
    async readFile({ path, abortSignal }) {
      const stream = await sandbox.readFile({ path }, waiting(abortSignal));
      if (!stream) return null;
      // Node's own type of a web stream is another one than the language's.
      return Readable.toWeb(Readable.from(stream)) as unknown as ReadableStream<Uint8Array>;
    },
    readBinaryFile,
    async readTextFile({ encoding, startLine, endLine, ...file }) {
      const bytes = await readBinaryFile(file);
      return bytes && lines(toText(bytes, encoding), { startLine, endLine });
    },
    async writeFile({ content, ...file }) {
      // An upload has to know its length.
      await writeBinaryFile({ ...file, content: await new Response(content).bytes() });
    },
    writeBinaryFile,
    async writeTextFile({ content, encoding, ...file }) {
      await writeBinaryFile({ ...file, content: toBytes(content, encoding) });
    },
    async stat({ path, abortSignal }) {
      const found = await unlessAbsent(sandbox.fs.stat(path, waiting(abortSignal)));
      if (!found) return null;
      const type = found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
      return { type, size: found.size };
    },
    async listDirectory({ path, abortSignal }) {
      const options = waiting(abortSignal);
      const found = await unlessAbsent(sandbox.fs.stat(path, options));
      if (!found) return null;
      if (!found.isDirectory()) {
        const message = `${path} was to be listed, but it is no directory. Read it, or list the one that it is in.`;
        throw new SandboxError("invalid_request", message);
      }
      const entries = await sandbox.fs.readdir(path, { ...options, withFileTypes: true });
      return entries.map((entry) => {
        const isPlain = entry.isFile() ? "file" : entry.isDirectory() ? "directory" : undefined;
        return {
          name: entry.name,
          type: isPlain ?? (entry.isSymbolicLink() ? "symlink" : "other"),
        };
      });
    },
    async deleteFile({ path, abortSignal }) {
      const options = waiting(abortSignal);
      const found = await unlessAbsent(sandbox.fs.lstat(path, options));
      if (!found) return false;
      if (found.isDirectory()) {
        const message = `${path} is a directory, and deleteFile deletes files. Delete it by a command.`;
        throw new SandboxError("invalid_request", message);
      }
      await sandbox.fs.unlink(path, options);
      return true;
    },
    // One function for three forms, which differ in their types alone.
    spawn: ((options) => spawn(sandbox, options)) as SandboxSession["spawn"],
    run: (options) => run(sandbox, options),
  };
}

/** Collects what a process gives. */
async function run(sandbox: Sandbox, options: RunOptions) {
  const child = await spawn(sandbox, options);
  const [stdout, stderr, { exitCode }] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.wait(),
  ]);
  return { exitCode, stdout, stderr };
}

function describe(sandbox: Sandbox): string {
  const { cwd, routes } = sandbox;
  const ports = routes.map(({ port }) => `port ${port} is at ${sandbox.domain(port)}`);
  return [
    `A Linux sandbox with bash. Commands start in ${cwd}, where relative paths begin, too; sudo, where there is one, needs no password.`,
    ...(ports.length > 0 ? [`From outside, ${ports.join(", ")}.`] : []),
  ].join(" ");
}

const waiting = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

async function unlessAbsent<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
