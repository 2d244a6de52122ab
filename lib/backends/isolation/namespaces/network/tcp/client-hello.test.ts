import { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readClientHello } from "./client-hello.ts";

/** What Node's TLS says first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const said = Promise.withResolvers<Buffer>();
  const wire = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      said.resolve(chunk);
      done();
    },
  });
  const client = connect({ ...options, socket: wire });
  client.on("error", () => undefined);
  const bytes = await said.promise;
  client.destroy();
  return bytes;
}

const NAMED = await helloOf({ servername: "api.example" });
const hello = (serverName: string | undefined) => ({ kind: "hello", serverName });

test("finds the name that a real client asks for", async () => {
  expect(readClientHello(NAMED)).toEqual(hello("api.example"));
  expect(readClientHello(await helloOf({}))).toEqual(hello(undefined));
  const old = await helloOf({ servername: "old.example", maxVersion: "TLSv1.2" });
  expect(readClientHello(old)).toEqual(hello("old.example"));
});

test("waits for the whole message, however it arrives", () => {
  for (let length = 0; length < NAMED.length; length++) {
    expect(readClientHello(NAMED.subarray(0, length)), String(length)).toEqual({ kind: "more" });
  }
  expect(readClientHello(Buffer.concat([NAMED, Buffer.from("more")]))).toEqual(
    hello("api.example"),
  );
});

test("puts a message together that was cut into many records", () => {
  const message = NAMED.subarray(5);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: message.length }), (size) => {
      const records: Buffer[] = [];
      for (let at = 0; at < message.length; at += size) {
        const part = message.subarray(at, at + size);
        records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
      }
      expect(readClientHello(Buffer.concat(records))).toEqual(hello("api.example"));
    }),
  );
});

test("takes nothing else for a greeting", () => {
  for (const text of ["GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", "\u0016\u0002"]) {
    expect(readClientHello(Buffer.from(text))).toEqual({ kind: "none" });
  }
});

test("never fails, and never takes a damaged message for another name", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(NAMED.length - 1), fc.nat(255)), { maxLength: 8 }),
      (changes) => {
        const bytes = Buffer.from(NAMED);
        for (const [at, value] of changes) bytes[at] = value;
        const said = readClientHello(bytes);
        expect(["more", "none", "hello"]).toContain(said.kind);
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const noise = Buffer.concat([Buffer.from([22, 3, 1]), bytes]);
      expect(["more", "none", "hello"]).toContain(readClientHello(noise).kind);
    }),
  );
});

test("refuses two names at once", () => {
  const at = NAMED.indexOf("api.example");
  // The extension begins nine bytes before its name: type, length, length of the list, kind, length.
  const extension = NAMED.subarray(at - 9, at + "api.example".length);
  const before = NAMED.subarray(0, at - 9);
  const doubled = Buffer.concat([
    before,
    extension,
    extension,
    NAMED.subarray(at - 9 + extension.length),
  ]);
  for (const [offset, bytes] of [
    [3, 2],
    [6, 3],
  ] as const) {
    doubled.writeUIntBE(doubled.readUIntBE(offset, bytes) + extension.length, offset, bytes);
  }
  // The length of all extensions comes right after the one compression method.
  const session = 5 + 4 + 2 + 32;
  const ciphers = session + 1 + doubled[session]!;
  const compression = ciphers + 2 + doubled.readUInt16BE(ciphers);
  const extensions = compression + 1 + doubled[compression]!;
  doubled.writeUInt16BE(doubled.readUInt16BE(extensions) + extension.length, extensions);
  expect(readClientHello(doubled)).toEqual({ kind: "none" });
});
