import { isIPv4 } from "node:net";
import packet, { type Answer, type DecodedPacket, type Packet, type Question } from "dns-packet";
import { plainName } from "../policy/domain-pattern.ts";
import { HOST_ADDRESS, HOST_NAME } from "../router/link-addresses.ts";
import type { Resolution } from "./name-resolver.ts";

// Names move between addresses; what the sandbox keeps longer is of no use to it.
const TTL_SECONDS = 30;
/** What every client takes; more only if it says so (RFC 1035, RFC 6891). */
const PLAIN_BYTES = 512;
/** More would travel in pieces. */
const MOST_BYTES = 1_232;

const STANDARD_QUERY = 0;
const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NAME_UNKNOWN = 3;
const NOT_IMPLEMENTED = 4;

/**
 * What is passed on. HTTPS records are not: they would name addresses and keys that the policy has not seen.
 */
const RELAYED = new Set<string>(["MX", "TXT", "SRV", "CNAME", "NS", "SOA", "CAA", "NAPTR", "PTR"]);

/** What a name server asks of its surroundings. */
export interface NameSource {
  /** Whether the policy lets the name be looked up outside. */
  mayResolve(name: string): boolean;
  /** The addresses that the sandbox may be told. */
  resolve(name: string): Promise<Resolution>;
  /** Passes a question for other records on to the machine's own name server; undefined when none answers. */
  relay(question: Buffer, over: Transport): Promise<Buffer | undefined>;
}

/** What carries a question. */
export type Transport = "udp" | "tcp";

/**
 * Answers one question of a sandbox. A name that the policy does not allow does not exist, and nobody outside
 * is asked about it. Undefined for what is no question: it gets no answer.
 */
export async function answerQuestion(
  message: Buffer,
  over: Transport,
  source: NameSource,
): Promise<Buffer | undefined> {
  let query: DecodedPacket;
  try {
    query = packet.decode(message);
  } catch {
    return undefined; // No DNS message at all.
  }
  if (query.type !== "query") return undefined;
  const question = query.questions?.[0];
  if (!question || query.questions?.length !== 1 || opcodeOf(query) !== STANDARD_QUERY) {
    return encode(query, over, { code: NOT_IMPLEMENTED });
  }
  if ((question.class ?? "IN") !== "IN") return encode(query, over, { code: NOT_IMPLEMENTED });
  if (!source.mayResolve(question.name)) return encode(query, over, { code: NAME_UNKNOWN });
  if (question.type === "A" || question.type === "AAAA") {
    return encode(query, over, await addressAnswer(question, source));
  }
  if (RELAYED.has(question.type)) {
    const relayed = await source.relay(message, over);
    return relayed ?? encode(query, over, { code: SERVER_FAILURE });
  }
  return encode(query, over, { code: NO_ERROR });
}

function opcodeOf({ flags = 0 }: DecodedPacket): number {
  return (flags >> 11) & 0xf;
}

interface Reply {
  code: number;
  answers?: Answer[];
}

async function addressAnswer(question: Question, source: NameSource): Promise<Reply> {
  const resolution =
    plainName(question.name) === HOST_NAME
      ? { addresses: [HOST_ADDRESS] }
      : await source.resolve(question.name);
  if ("failure" in resolution) {
    return { code: resolution.failure === "unknown" ? NAME_UNKNOWN : SERVER_FAILURE };
  }
  const four = resolution.addresses.filter((address) => isIPv4(address));
  const six = resolution.addresses.filter((address) => !isIPv4(address));
  // Every connection is taken before the outside is dialled, so a client could not tell that this machine
  // has no way to an IPv6 address and turn to the other: it is told of one only where there is no other.
  const told = question.type === "A" ? four : four.length > 0 ? [] : six;
  const { name } = question;
  return {
    code: NO_ERROR,
    answers: told.map((data): Answer => ({
      type: question.type === "A" ? "A" : "AAAA",
      class: "IN",
      name,
      ttl: TTL_SECONDS,
      data,
    })),
  };
}

function encode(query: DecodedPacket, over: Transport, { code, answers = [] }: Reply): Buffer {
  const extended = query.additionals?.find((record) => record.type === "OPT");
  const limit = extended
    ? Math.min(Math.max(extended.udpPayloadSize, PLAIN_BYTES), MOST_BYTES)
    : PLAIN_BYTES;
  const response: Packet = {
    type: "response",
    id: query.id ?? 0,
    flags: (query.flag_rd ? packet.RECURSION_DESIRED : 0) | packet.RECURSION_AVAILABLE | code,
    questions: query.questions ?? [],
    answers,
    ...(extended && {
      additionals: [
        {
          type: "OPT",
          name: ".",
          udpPayloadSize: MOST_BYTES,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    }),
  };
  const whole = packet.encode(response);
  if (over === "tcp" || whole.length <= limit) return whole;
  return packet.encode({
    ...response,
    flags: (response.flags ?? 0) | packet.TRUNCATED_RESPONSE,
    answers: [],
  });
}
