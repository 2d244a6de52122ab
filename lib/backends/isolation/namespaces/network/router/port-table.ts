/**
 * How the two ends of a connection to a port begin. `web`: the client names its host at once, by TLS or by HTTP.
 * `greeting`: the server speaks first. `any`: either may.
 */
export type Opening = "web" | "greeting" | "any";

const WEB = [80, 443, 4443, 8000, 8008, 8080, 8081, 8088, 8090, 8443, 8888, 9443];
const GREETING = [21, 22, 25, 110, 143, 587, 873, 2525, 3306, 3307];
const ANY = [
  // Mail over TLS, directories, git, DNS over TLS.
  389, 465, 636, 853, 990, 993, 995, 9418,
  // Databases and what is asked like one.
  1433, 1521, 5432, 5433, 5984, 6333, 6334, 6379, 6380, 6432, 6543, 7000, 7473, 7474, 7687, 8123,
  8529, 9000, 9042, 9142, 9200, 9300, 9440, 11211, 19530, 26257, 27017, 27018, 27019, 28015,
  // Queues and events.
  1883, 4222, 5671, 5672, 6650, 8883, 9092, 9093, 9094, 15672, 61613,
  // Services of development machines and clusters.
  2375, 2376, 2379, 3000, 3001, 3128, 3333, 4000, 4200, 4317, 4318, 5000, 5001, 5173, 6443, 7233,
  7777, 8001, 8082, 8083, 8086, 8089, 8200, 8500, 8545, 8787, 9001, 9090, 9091, 9411, 9999, 10000,
  11434, 14268, 16686, 50051,
];

const OPENINGS = new Map<number, Opening>([
  ...WEB.map((port) => [port, "web"] as const),
  ...GREETING.map((port) => [port, "greeting"] as const),
  ...ANY.map((port) => [port, "any"] as const),
]);

/** The TCP ports of the outside that a sandbox can reach: a listener has to stand for each. */
export const OUTSIDE_PORTS: readonly number[] = [...OPENINGS.keys()];

/** The port of DNS, which is answered and never passed on. */
export const DNS_PORT = 53;

/** How conversations at the port begin; a port of no table may begin either way. */
export function openingOf(port: number): Opening {
  return OPENINGS.get(port) ?? "any";
}
