import { existsSync } from "node:fs";
import { processIsolation } from "../../backends/isolation/process/process-isolation.ts";
import { makeNamespaces } from "../namespaces-bench.ts";
import { ATTEMPTS } from "./attempts.ts";
import { openBoxStage, openSandboxStage } from "./open-stage.ts";
import { tryAttempt } from "./try-attempt.ts";
setInterval(() => {}, 1000);
const [mode, filter = "", verbose] = process.argv.slice(2);
process.env["OF_THE_ENGINE"] = "engine-secret-123";
const strong = await makeNamespaces({ cacheDirectory: "/var/tmp/sandlot-test-cache" , outside: { hosts: {}, detours: {} }});
const weakProcess = (directory: string) => processIsolation({ directory, baseEnv: { PATH: process.env["PATH"] ?? "" } });
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  if (!name.includes(filter)) continue;
  if (mode === "weak" && !["process", "box", "naive-files"].includes(attempt.weakened)) continue;
  if (attempt.needs && !existsSync(attempt.needs)) { console.log("SKIP", name); continue; }
  const t = Date.now();
  try {
    await using stage = mode === "strong" ? await openSandboxStage(attempt, { makeIsolation: strong })
      : attempt.weakened === "box" ? await openBoxStage() : await openSandboxStage(attempt, { makeIsolation: weakProcess, naiveFiles: attempt.weakened === "naive-files" });
    const { succeeded, output } = await tryAttempt(attempt, stage);
    const bad = mode === "strong" ? succeeded : !succeeded;
    console.log(bad ? "BAD " : "ok  ", name, Date.now() - t, bad || verbose ? `\n      ${output.trim().replaceAll("\n", "\n      ").slice(0, 1500)}` : "");
  } catch (error) { console.log("ERR ", name, error); }
}
process.exit(0);
