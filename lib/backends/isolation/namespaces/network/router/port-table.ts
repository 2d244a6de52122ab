/**
 * How the two ends of a connection to a port begin. `web`: the client names its host at once, by TLS or by HTTP.
 * `greeting`: the server speaks first. `any`: either may.
 */
export type Opening = "web" | "greeting" | "any";

const WEB = [80, 443, 8000, 8080, 8081, 8443, 8888, 9443];
const GREETING = [22, 25, 587, 2525, 3306];
const ANY = [
  // Directories, mail over TLS, git.
  389, 465, 636, 993, 9418,
  // Databases and what is asked like one.
  1433, 1521, 5432, 5433, 5984, 6333, 6334, 6379, 6380, 6543, 7687, 8123, 9000, 9042, 9200, 9440,
  11211, 19530, 26257, 27017,
  // Queues and events.
  1883, 4222, 5671, 5672, 8883, 9092, 9093,
  // Services of development machines and clusters.
  3000, 3001, 3128, 4000, 4317, 4318, 5000, 5173, 6443, 7233, 8086, 8200, 8545, 8787, 9090, 10000,
  11434, 50051,
];

const OPENINGS = new Map<number, Opening>([
  ...WEB.map((port) => [port, "web"] as const),
  ...GREETING.map((port) => [port, "greeting"] as const),
  ...ANY.map((port) => [port, "any"] as const),
]);

/**
 * The TCP ports of the outside that a sandbox can reach: a listener has to stand for each, and takes a file
 * descriptor of the gateway's per sandbox. Many systems allow a process no more than 20,000.
 */
export const OUTSIDE_PORTS: readonly number[] = [...OPENINGS.keys()];

/** The port of DNS, which is answered and never passed on. */
export const DNS_PORT = 53;

/** How conversations at the port begin; a port of no table may begin either way. */
export function openingOf(port: number): Opening {
  return OPENINGS.get(port) ?? "any";
}
