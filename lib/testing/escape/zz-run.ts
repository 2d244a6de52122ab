import { ATTEMPTS } from "./attempts.ts";
import { EscapeBench, OF_THE_ENGINE, whyNotHere } from "./escape-bench.ts";
setInterval(() => {}, 1000);
const [mode, filter = "", verbose] = process.argv.slice(2);
process.env["OF_THE_ENGINE"] = OF_THE_ENGINE;
const kinds: Record<string, string[]> = { strong: [], weak: ["process", "box", "naive-files"], named: ["named"] };
const bench = await EscapeBench.make(mode === "weak" ? "process" : "namespaces");
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  if (!name.includes(filter) || whyNotHere(attempt)) continue;
  if (mode === "strong" && name === process.env["SKIPPED"]) continue;
  if (mode !== "strong" && !kinds[mode!]!.includes(attempt.weakened)) continue;
  const t = Date.now();
  try {
    const { succeeded, output } = mode === "strong" ? await bench.try(attempt) : await bench.tryWeakened(attempt);
    const bad = mode === "strong" ? succeeded : !succeeded;
    console.log(bad ? "BAD " : "ok  ", name, Date.now() - t, bad || verbose ? `\n      ${output.trim().replaceAll("\n", "\n      ").slice(0, 1500)}` : "");
  } catch (error) { console.log("ERR ", name, error); }
}
process.exit(0);
