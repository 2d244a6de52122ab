import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startBench } from "../../trigger-local/testing/platform-bench.ts";

/**
 * Before the contract is proven over Trigger.dev: the local platform with the real CLI, whose workers hold
 * the sandboxes. The tests of this project are told what leads there.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const keep = await mkdtemp(join(tmpdir(), "sandlot-conformance-keep-"));
  const bench = await startBench({
    projectDirectory: join(import.meta.dirname, "../.."),
    environment: { SANDLOT_ISOLATION: "process", SANDLOT_KEEP: keep },
  });
  // The workers are on this machine, so their ports are this machine's.
  project.provide("platform", { ...bench.env, SANDLOT_INGRESS: "http://localhost:{port}" });
  return async () => {
    await bench[Symbol.asyncDispose]();
    await rm(keep, { recursive: true, force: true, maxRetries: 5 });
  };
}
