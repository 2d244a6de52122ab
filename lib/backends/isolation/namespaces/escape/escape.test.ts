import type * as Fs from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Attempt, Weakening } from "../../../../testing/escape/attempt.ts";
import { ATTEMPTS } from "../../../../testing/escape/attempts.ts";
import { EscapeBench, OF_THE_ENGINE, whyNotHere } from "../../../../testing/escape/escape-bench.ts";
import { whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import type * as SetUpScript from "../session/set-up-script.ts";

// Half of this file takes the backend's protections away, one at a time, to see that the attempts can succeed.
const weakened = vi.hoisted(() => ({ by: undefined as Weakening | undefined }));

vi.mock("../session/set-up-script.ts", async (original) => {
  const really = await original<typeof SetUpScript>();
  return {
    ...really,
    get HOSTS_ROOT() {
      return weakened.by === "trusted-mount-points" ? "/mnt" : really.HOSTS_ROOT;
    },
    setUpScript(options: SetUpScript.SetUpOptions) {
      const script = really.setUpScript(options);
      if (weakened.by === "hosts-root") {
        const at = `/sys/oldhost${tmpdir()}`;
        return script.replace(
          "\ncd /sys\n",
          `\nmkdir -p ${at}; mount --rbind ${tmpdir()} ${at}\ncd /sys\n`,
        );
      }
      if (weakened.by === "trusted-mount-points") {
        return script.replace(/^for place in .*?^done\n/gms, "").replace("./dev/shm", "./mnt");
      }
      return script;
    },
  };
});

// What is mounted in a session is compared with what should be.
vi.mock("node:fs", async (original) => {
  const really = await original<typeof Fs>();
  const readFileSync = ((path: string, ...rest: []) =>
    weakened.by !== undefined && String(path).endsWith("/mountinfo")
      ? "1 1 0:1 / / rw"
      : really.readFileSync(path, ...rest)) as typeof really.readFileSync;
  return { ...really, default: { ...really, readFileSync }, readFileSync };
});

vi.mock(import("../commands/session-variables.ts"), async (original) => {
  const really = await original();
  return {
    ...really,
    sessionVariables: (options) => ({
      ...(weakened.by === "passed-on" && (process.env as Record<string, string>)),
      ...really.sessionVariables(options),
    }),
  };
});

vi.mock(import("../files/read-text.ts"), async (original) => {
  const { readText } = await original();
  const { readFileSync } = await vi.importActual<typeof Fs>("node:fs");
  return {
    readText(tree, path) {
      if (weakened.by !== "naive-tables") return readText(tree, path);
      using walk = tree.walkUnguarded(path);
      const { name } = walk.toEntry();
      return readFileSync(`${walk.directory}/${name}`, "utf8");
    },
  };
});

process.env["OF_THE_ENGINE"] = OF_THE_ENGINE;
const reason = await whyNoNamespaces();
const isRoot = process.getuid?.() === 0;
const attempts = Object.entries(ATTEMPTS);

// Each attempt has a sandbox and an outside of its own, and waits more than it works.
describe
  .skipIf(reason !== undefined)
  .concurrent(`namespaces isolation${reason ? ` (not here: ${reason})` : ""}`, () => {
    let bench: EscapeBench;
    beforeAll(async () => void (bench = await EscapeBench.make("namespaces")), 60_000);
    afterAll(() => bench[Symbol.asyncDispose]());

    for (const [name, attempt] of attempts) {
      const why = whyNotHere(attempt);
      const label = `${name}: nobody ${attempt.title}${why ? ` (not here: ${why})` : ""}`;
      test.skipIf(why !== undefined)(label, async () => {
        const { succeeded, output } = await bench.try(attempt);
        expect(succeeded, output).toBe(false);
      });
    }
  });

test("there are at least eighty attempts that can be made on any machine", () => {
  expect(attempts.filter(([, { needs }]) => needs === undefined).length).toBeGreaterThanOrEqual(80);
});

/** With which backend each weakness is tried. */
const BACKENDS: Record<Weakening, "process" | "namespaces"> = {
  process: "process",
  box: "process",
  "naive-files": "process",
  named: "namespaces",
  "naive-tables": "namespaces",
  "hosts-root": "namespaces",
  "trusted-mount-points": "namespaces",
  "passed-on": "namespaces",
  "callers-keyring": "namespaces",
};

for (const by of Object.keys(BACKENDS) as Weakening[]) {
  const backend = BACKENDS[by];
  const here = attempts.filter(([, attempt]) => attempt.weakened === by);
  const lack = backend === "namespaces" ? reason : undefined;
  const why = isRoot ? lack : "only root can weaken a machine for himself";
  describe.skipIf(why !== undefined)(`weakened (${by})${why ? ` (not here: ${why})` : ""}`, () => {
    let bench: EscapeBench;
    beforeAll(async () => {
      weakened.by = by;
      bench = await EscapeBench.make(backend);
    });
    afterAll(async () => {
      weakened.by = undefined;
      await bench[Symbol.asyncDispose]();
    });

    for (const [name, attempt] of here) {
      const unable = whyNotHere(attempt);
      const label = `${name}: somebody ${attempt.title}${unable ? ` (not here: ${unable})` : ""}`;
      test.skipIf(unable !== undefined)(label, () => succeeds(bench, attempt), 60_000);
    }
  });
}

async function succeeds(bench: EscapeBench, attempt: Attempt): Promise<void> {
  const { succeeded, output } = await bench.tryWeakened(attempt);
  expect(succeeded, output).toBe(true);
}
