import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

// What a face itself takes: asked as the vendor's client asks, and without it.

/** Where the three faces are, and what opens them. */
export interface Listener {
  /** Without a slash at the end. */
  origin: string;
  /** The state folder's own, which every face takes. */
  token: string;
}

interface RawFile {
  /** Relative. */
  path: string;
  content: string;
}

/** One sandbox, through one face. */
export interface RawFace {
  /** Runs a line of `sh`; gives the bytes of the answer, the output among them. */
  output(line: string): Promise<number>;
  /** Writes the files in one request, whose body was made before. */
  upload(): Promise<void>;
}

type Bytes = Uint8Array<ArrayBuffer>;

async function send(
  url: string,
  { body, headers }: { body: string | Bytes; headers: Record<string, string> },
): Promise<Response> {
  const answer = await fetch(url, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

async function drain({ body }: Response): Promise<number> {
  let bytes = 0;
  for await (const chunk of body ?? []) bytes += chunk.byteLength;
  return bytes;
}

/** A form as it goes over the wire, made once. */
async function encoded(form: FormData): Promise<{ body: Bytes; type: string }> {
  const request = new Request("http://nowhere", { method: "POST", body: form });
  return {
    body: new Uint8Array(await request.arrayBuffer()),
    type: request.headers.get("content-type") ?? "",
  };
}

export async function rawVercel(
  { origin, token }: Listener,
  sandbox: { sessionId: string; cwd: string },
  { files, directory }: { files: readonly RawFile[]; directory: string },
): Promise<RawFace> {
  const base = `${origin}/vercel/v2/sandboxes/sessions/${sandbox.sessionId}`;
  const authorization = `Bearer ${token}`;
  for (const { path, content } of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  const tar = ["-cz", "-C", directory, "."];
  const archive = new Uint8Array(execFileSync("tar", tar, { maxBuffer: 2 ** 28 }));
  return {
    async output(line) {
      const asked = { command: "sh", args: ["-c", line], wait: true, logs: true, env: {} };
      const body = JSON.stringify({ ...asked, sudo: false });
      const headers = { "content-type": "application/json", authorization };
      return drain(await send(`${base}/cmd`, { body, headers }));
    },
    async upload() {
      const headers = { "content-type": "application/gzip", "x-cwd": sandbox.cwd, authorization };
      await drain(await send(`${base}/fs/write`, { body: archive, headers }));
    },
  };
}

/** Its output comes in Base64. */
export async function rawE2b(
  { origin, token }: Listener,
  sandboxId: string,
  files: readonly RawFile[],
): Promise<RawFace> {
  const about = await fetch(`${origin}/e2b/sandboxes/${sandboxId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { envdAccessToken } = (await about.json()) as { envdAccessToken: string };
  const address = {
    "e2b-sandbox-id": sandboxId,
    "e2b-sandbox-port": "49983",
    "x-access-token": envdAccessToken,
  };
  const form = new FormData();
  for (const { path, content } of files) form.append("file", new Blob([content]), path);
  const { body, type } = await encoded(form);
  return {
    async output(line) {
      const asked = { process: { cmd: "sh", args: ["-c", line] }, stdin: false };
      const message = Buffer.from(JSON.stringify(asked));
      const frame = new Uint8Array(5 + message.length);
      new DataView(frame.buffer).setUint32(1, message.length);
      frame.set(message, 5);
      const headers = { "content-type": "application/connect+json", ...address };
      return drain(await send(`${origin}/e2b/process.Process/Start`, { body: frame, headers }));
    },
    async upload() {
      const headers = { "content-type": type, ...address };
      await drain(await send(`${origin}/e2b/files`, { body, headers }));
    },
  };
}

/** Its output is told at once, at the end. */
export async function rawDaytona(
  { token }: Listener,
  toolboxUrl: string,
  files: readonly RawFile[],
): Promise<RawFace> {
  const authorization = `Bearer ${token}`;
  const form = new FormData();
  for (const [index, { path, content }] of files.entries()) {
    form.append(`files[${index}].path`, path);
    form.append(`files[${index}].file`, new Blob([content]), path);
  }
  const { body, type } = await encoded(form);
  return {
    async output(command) {
      const headers = { "content-type": "application/json", authorization };
      const asked = { body: JSON.stringify({ command }), headers };
      return drain(await send(`${toolboxUrl}/process/execute`, asked));
    },
    async upload() {
      const headers = { "content-type": type, authorization };
      await drain(await send(`${toolboxUrl}/files/bulk-upload`, { body, headers }));
    },
  };
}
