/** What the first bytes of a TLS connection tell. `more`: not enough has arrived. */
export type ClientHello =
  | { kind: "more" }
  | { kind: "hello"; serverName: string | undefined }
  | { kind: "none" };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME_EXTENSION = 0;
const HOST_NAME_TYPE = 0;
/** A record may hold this much (RFC 8446, 5.1). */
const RECORD_BYTES = 16_384 + 256;
/** Those of browsers, with their post-quantum keys, take two thousand. */
const HELLO_BYTES = 32 * 1024;

/**
 * Reads the name that a TLS client asks for. Nothing is taken on trust: a message in several records is put
 * together, and one that contradicts itself is none. RFC 8446, 4.1.2; RFC 6066, 3.
 */
export function readClientHello(bytes: Buffer): ClientHello {
  const handshake: Buffer[] = [];
  let gathered = 0;
  for (let at = 0; ;) {
    const wanted = gathered < 4 ? undefined : 4 + Buffer.concat(handshake).readUIntBE(1, 3);
    if (wanted !== undefined) {
      const message = Buffer.concat(handshake);
      if (message[0] !== CLIENT_HELLO || wanted > HELLO_BYTES) return { kind: "none" };
      if (message.length >= wanted) return readHello(new Reader(message.subarray(4, wanted)));
    }
    const header = bytes.subarray(at, at + 5);
    if (header.length > 0 && header[0] !== HANDSHAKE_RECORD) return { kind: "none" };
    if (header.length > 1 && header[1] !== 3) return { kind: "none" };
    if (header.length < 5) return { kind: "more" };
    const length = header.readUInt16BE(3);
    if (length === 0 || length > RECORD_BYTES) return { kind: "none" };
    const fragment = bytes.subarray(at + 5, at + 5 + length);
    if (fragment.length < length) return { kind: "more" };
    handshake.push(fragment);
    gathered += length;
    at += 5 + length;
  }
}

function readHello(hello: Reader): ClientHello {
  try {
    hello.take(2 + 32); // Version and random number.
    hello.take(hello.number(1)); // Session.
    hello.take(hello.number(2)); // Cipher suites.
    hello.take(hello.number(1)); // Compression.
    if (hello.isAtEnd) return { kind: "hello", serverName: undefined };
    const extensions = new Reader(hello.take(hello.number(2)));
    let serverName: string | undefined;
    while (!extensions.isAtEnd) {
      const type = extensions.number(2);
      const body = extensions.take(extensions.number(2));
      if (type !== SERVER_NAME_EXTENSION) continue;
      // Two names are a riddle: whoever asks it wants to be heard differently by two listeners.
      if (serverName !== undefined) return { kind: "none" };
      serverName = readServerName(new Reader(body));
    }
    return { kind: "hello", serverName };
  } catch (error) {
    if (error instanceof RangeError) return { kind: "none" };
    throw error;
  }
}

function readServerName(extension: Reader): string {
  const list = new Reader(extension.take(extension.number(2)));
  const type = list.number(1);
  const name = list.take(list.number(2));
  if (type !== HOST_NAME_TYPE || !list.isAtEnd || !extension.isAtEnd) {
    throw new RangeError("one host name is all that is ever asked for");
  }
  return name.toString("latin1");
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  number(bytes: 1 | 2): number {
    return this.take(bytes).readUIntBE(0, bytes);
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError("the message ends too early");
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
}
