import { Buffer } from "node:buffer";

// What a face itself takes for a command's output: asked as the vendor's client asks, and read without it.

/** Where the three faces are, and what opens them. */
export interface Listener {
  /** Without a slash at the end. */
  origin: string;
  /** The state folder's own, which every face takes. */
  token: string;
}

type Json = Record<string, unknown>;

async function drain(answer: Response): Promise<number> {
  if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${await answer.text()}`);
  let bytes = 0;
  for await (const chunk of answer.body) bytes += chunk.byteLength;
  return bytes;
}

function post(
  { token }: Listener,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body,
  };
}

/** Bytes of the answer to a command of the session, its output among them. */
export async function drainVercel(
  listener: Listener,
  sessionId: string,
  line: string,
): Promise<number> {
  const command = {
    command: "sh",
    args: ["-c", line],
    wait: true,
    logs: true,
    env: {},
    sudo: false,
  };
  const url = `${listener.origin}/vercel/v2/sandboxes/sessions/${sessionId}/cmd`;
  return drain(await fetch(url, post(listener, JSON.stringify(command))));
}

/** The same through e2b's face, whose frames hold the output in Base64. */
export async function drainE2b(
  listener: Listener,
  sandboxId: string,
  line: string,
): Promise<number> {
  const { origin, token } = listener;
  const about = await fetch(`${origin}/e2b/sandboxes/${sandboxId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { envdAccessToken } = (await about.json()) as Json;
  const message = Buffer.from(
    JSON.stringify({ process: { cmd: "sh", args: ["-c", line] }, stdin: false }),
  );
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  const headers = {
    "content-type": "application/connect+json",
    "connect-protocol-version": "1",
    "e2b-sandbox-id": sandboxId,
    "e2b-sandbox-port": "49983",
    "x-access-token": String(envdAccessToken),
  };
  return drain(await fetch(`${origin}/e2b/process.Process/Start`, post(listener, frame, headers)));
}

/** The same through Daytona's face, which tells the output at once and at the end. */
export async function drainDaytona(
  listener: Listener,
  toolboxUrl: string,
  line: string,
): Promise<number> {
  return drain(
    await fetch(`${toolboxUrl}/process/execute`, post(listener, JSON.stringify({ command: line }))),
  );
}
