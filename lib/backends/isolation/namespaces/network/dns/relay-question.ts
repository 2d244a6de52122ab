import { createSocket } from "node:dgram";
import { getServers } from "node:dns";
import { once } from "node:events";
import { connect, isIPv6 } from "node:net";
import type { Transport } from "./name-server.ts";
import { readFramed, framed } from "./framed-messages.ts";

/** As resolvers of programs do. */
const PATIENCE_MS = 5_000;

/**
 * Asks the machine's own name server, or the given one (`address:port`), for what it says to the very same
 * question. Undefined when it does not answer in time. Never rejects.
 */
export async function relayQuestion(
  question: Buffer,
  over: Transport,
  server: string | undefined = getServers()[0],
): Promise<Buffer | undefined> {
  if (server === undefined) return undefined;
  const { address, port } = place(server);
  try {
    return over === "udp"
      ? await askByDatagram(question, { address, port })
      : await askByStream(question, { address, port });
  } catch {
    return undefined; // Unreachable, or silent: the sandbox is told that the server failed.
  }
}

async function askByDatagram(
  question: Buffer,
  { address, port }: { address: string; port: number },
): Promise<Buffer> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    // Connected, so that the kernel lets nobody else answer.
    socket.connect(port, address);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await once(socket, "connect", { signal });
    socket.send(question);
    for (;;) {
      const [answer] = (await once(socket, "message", { signal })) as [Buffer];
      if (answer.length > 2 && answer.readUInt16BE(0) === question.readUInt16BE(0)) return answer;
    }
  } finally {
    socket.close();
  }
}

async function askByStream(
  question: Buffer,
  { address, port }: { address: string; port: number },
): Promise<Buffer | undefined> {
  const socket = connect({ host: address, port, signal: AbortSignal.timeout(PATIENCE_MS) });
  try {
    socket.write(framed(question));
    for await (const answer of readFramed(socket)) return answer;
    return undefined;
  } finally {
    socket.destroy();
  }
}

// `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`.
function place(server: string): { address: string; port: number } {
  const parts = /^\[(.*)\]:(\d+)$/.exec(server) ?? /^([^:]*):(\d+)$/.exec(server);
  return parts ? { address: parts[1]!, port: Number(parts[2]) } : { address: server, port: 53 };
}
