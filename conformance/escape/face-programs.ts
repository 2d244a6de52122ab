import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { Daytona } from "@daytona/sdk";
import { CommandExitError, Sandbox as E2bSandbox } from "e2b";
import { Sandbox as VercelSandbox } from "sandlot";

/** Where attempts take place, whatever the vendor's own directory is. */
const PLACE = "/vercel/sandbox";

type Told = (text: string) => void;

/** A sandbox as a program of one vendor's has it: to start things in, to write to and to read from. */
export interface FaceSandbox extends AsyncDisposable {
  /** Runs a script of `sh` to its end and tells what it writes. Rejects when the sandbox ends before. */
  run(script: string, options: { asRoot: boolean; told: Told }): Promise<void>;
  read(path: string): Promise<Buffer>;
  write(path: string, content: Buffer): Promise<void>;
  makeDirectory(path: string): Promise<void>;
}

async function vercel(): Promise<FaceSandbox> {
  const sandbox = await VercelSandbox.create({ persistent: false });
  return {
    async run(script, { asRoot, told }) {
      const args = ["-c", script];
      const command = await sandbox.runCommand({ cmd: "sh", args, sudo: asRoot, detached: true });
      for await (const { data } of command.logs()) told(data);
    },
    read: async (path) => (await sandbox.readFileToBuffer({ path })) ?? Buffer.alloc(0),
    write: (path, content) => sandbox.writeFiles([{ path, content }]),
    makeDirectory: (path) => sandbox.mkDir(path),
    [Symbol.asyncDispose]: () => sandbox.delete(),
  };
}

async function e2b(): Promise<FaceSandbox> {
  const sandbox = await E2bSandbox.create();
  return {
    async run(script, { asRoot, told }) {
      const command = await sandbox.commands.run(script, {
        background: true,
        cwd: PLACE,
        timeoutMs: 0,
        onStdout: told,
        onStderr: told,
        ...(asRoot && { user: "root" }),
      });
      await command.wait().catch((error: unknown) => {
        // A command that fails, which most attempts are.
        if (!(error instanceof CommandExitError)) throw error;
      });
    },
    read: async (path) => Buffer.from(await sandbox.files.read(path, { format: "bytes" })),
    write: async (path, content) =>
      void (await sandbox.files.write(path, new Blob([new Uint8Array(content)]))),
    makeDirectory: async (path) => void (await sandbox.files.makeDir(path)),
    [Symbol.asyncDispose]: async () => void (await sandbox.kill()),
  };
}

async function daytona(): Promise<FaceSandbox> {
  client ??= new Daytona();
  const sandbox = await client.create();
  return {
    async run(script, { asRoot, told }) {
      const session = randomUUID();
      await sandbox.process.createSession(session);
      const line = `cd ${PLACE} && ${asRoot ? "sudo -n " : ""}sh -c ${quoted(script)}`;
      const { cmdId } = await sandbox.process.executeSessionCommand(session, {
        command: line,
        runAsync: true,
      });
      await sandbox.process.getSessionCommandLogs(session, cmdId, told, told);
    },
    read: async (path) => sandbox.fs.downloadFile(path),
    write: (path, content) => sandbox.fs.uploadFile(content, path),
    makeDirectory: (path) => sandbox.fs.createFolder(path, "755"),
    [Symbol.asyncDispose]: () => sandbox.delete(),
  };
}

let client: Daytona | undefined;

/** How a program of each vendor's gets a sandbox; it is gone when it is disposed of. */
export const FACE_SANDBOXES = { vercel, e2b, daytona } as const;

/** To be called when all is done: a client keeps a connection. */
export async function closeClients(): Promise<void> {
  await client?.[Symbol.asyncDispose]();
}

/** As one word of `sh`. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Content of a file, as ports of the engine's give it. */
export function readable(bytes: Buffer): { size: number; content: Readable } {
  return { size: bytes.length, content: Readable.from(bytes.length > 0 ? [bytes] : []) };
}
