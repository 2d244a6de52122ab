import packet, { type DecodedPacket, type Packet, type RecordType } from "dns-packet";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answerQuestion, type NameSource, type Transport } from "./name-server.ts";

const asked: string[] = [];
const source: NameSource = {
  mayResolve: (name) => !name.endsWith("denied.example"),
  resolve: async (name) => {
    asked.push(name);
    switch (name) {
      case "four.example":
        return { addresses: ["192.0.2.1", "2001:db8::1"] };
      case "six.example":
        return { addresses: ["2001:db8::1"] };
      case "many.example":
        return { addresses: Array.from({ length: 100 }, (_, index) => `192.0.2.${index}`) };
      case "broken.example":
        return { failure: "unavailable" };
      default:
        return { failure: "unknown" };
    }
  },
  relay: async (question) => Buffer.concat([Buffer.from("relayed "), question.subarray(0, 2)]),
};

async function ask(
  name: string,
  type: RecordType,
  { over = "udp", ...more }: Partial<Packet> & { over?: Transport } = {},
): Promise<DecodedPacket & { rcode?: string }> {
  const question = packet.encode({
    type: "query",
    id: 7,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type }],
    ...more,
  });
  return packet.decode((await answerQuestion(question, over, source))!);
}

const data = (answer: DecodedPacket) =>
  (answer.answers ?? []).map((record) => ("data" in record ? record.data : undefined));

test("tells the addresses of a name, the newer kind only where there is no older", async () => {
  const answer = await ask("four.example", "A");
  expect([answer.id, answer.rcode, data(answer)]).toEqual([7, "NOERROR", ["192.0.2.1"]]);
  expect(data(await ask("four.example", "AAAA"))).toEqual([]);
  expect(data(await ask("six.example", "AAAA"))).toEqual(["2001:db8::1"]);
  expect(data(await ask("six.example", "A"))).toEqual([]);
});

test("says of what is not allowed that it does not exist, without looking", async () => {
  asked.length = 0;
  for (const type of ["A", "AAAA", "TXT", "HTTPS"] as RecordType[]) {
    expect((await ask("x.denied.example", type)).rcode).toBe("NXDOMAIN");
  }
  expect(asked).toEqual([]);
});

test("tells a name that does not exist from one that could not be asked about", async () => {
  expect((await ask("none.example", "A")).rcode).toBe("NXDOMAIN");
  expect((await ask("broken.example", "A")).rcode).toBe("SERVFAIL");
});

test("passes other records on, but none that bring addresses and keys of their own", async () => {
  const question = packet.encode({
    type: "query",
    id: 9,
    questions: [{ name: "a.example", type: "TXT" }],
  });
  expect(String(await answerQuestion(question, "udp", source))).toBe("relayed \u0000\t");
  // 65 is HTTPS, which the library has no name for.
  const https = packet.encode({
    type: "query",
    id: 9,
    questions: [{ name: "a.example", type: "A" }],
  });
  https.writeUInt16BE(65, https.length - 4);
  const answer: DecodedPacket & { rcode?: string } = packet.decode(
    (await answerQuestion(https, "udp", source))!,
  );
  expect([answer.rcode, data(answer)]).toEqual(["NOERROR", []]);
});

test("keeps to what the client takes, and asks it to come by TCP for more", async () => {
  const short = await ask("many.example", "A");
  expect([short.flag_tc, data(short)]).toEqual([true, []]);
  const whole = await ask("many.example", "A", { over: "tcp" });
  expect([whole.flag_tc, data(whole).length]).toEqual([false, 100]);
});

test("gives no answer to what is no question, and fails at nothing", async () => {
  expect(await answerQuestion(Buffer.from("nonsense"), "udp", source)).toBeUndefined();
  const answer = packet.encode({ type: "response", id: 1 });
  expect(await answerQuestion(answer, "udp", source)).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const said = await answerQuestion(Buffer.from(bytes), "udp", source);
      if (said) expect(said.length).toBeGreaterThanOrEqual(12);
    }),
  );
});
