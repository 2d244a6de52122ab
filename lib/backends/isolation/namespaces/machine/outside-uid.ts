import { readFileSync } from "node:fs";

/**
 * What this user's id is where its user namespace was made; the id itself in the machine's own. Root of a namespace
 * of an ordinary user's is that user to everybody outside.
 */
export function outsideUid(): number {
  const uid = process.geteuid?.() ?? 0;
  if (process.platform !== "linux") return uid;
  for (const line of readFileSync("/proc/self/uid_map", "latin1").trim().split("\n")) {
    const [first = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    if (uid >= first && uid < first + count) return outside + uid - first;
  }
  return uid;
}
