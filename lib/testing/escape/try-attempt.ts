import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findTree } from "../../backends/isolation/process-tree.ts";
import { untilOutput } from "../isolation-bench.ts";
import type { Attempt, Stage } from "./attempt.ts";
import type { RunningProgram } from "./open-stage.ts";

export interface Outcome {
  succeeded: boolean;
  output: string;
}

/** Longer than any program goes on by itself. */
const LONGEST_MS = 15_000;

/** Runs the attempt's program, lets the engine act on what it left, and looks from outside. */
export async function tryAttempt(
  attempt: Attempt,
  stage: Stage & { start(program: string, as: Attempt["as"]): Promise<RunningProgram> },
): Promise<Outcome> {
  const { outside } = stage;
  const program = await stage.start(attempt.program, attempt.as);
  const patience = new AbortController();
  await Promise.race([
    program.ended,
    untilOutput(program.directory, "holding").catch(() => undefined), // Its directory has gone with it.
    delay(LONGEST_MS, undefined, { signal: patience.signal, ref: false }).catch(() => undefined),
  ]);
  patience.abort();
  const before = await outputOf(program.directory);
  const more = (await attempt.afterwards?.(stage)) ?? "";
  const output = [before, more, await outputOf(program.directory)].join("\n");
  return { succeeded: await hasSucceeded(attempt, { stage, output }), output };

  async function hasSucceeded({ proof }: Attempt, seen: { stage: Stage; output: string }) {
    if (proof === "secret") return seen.output.includes(outside.secret);
    if (proof === "mark") return outside.hasMark();
    if (proof === "victim") return outside.isVictimHurt();
    if ("says" in proof) return seen.output.split("\n").includes(proof.says);
    if ("holds" in proof) return program.pids().some((pid) => holds(pid, proof.holds));
    return proof.found(stage, seen.output);
  }
}

async function outputOf(directory: string): Promise<string> {
  const texts = ["stdout", "stderr"].map((name) => readFile(join(directory, name), "utf8"));
  return (await Promise.all(texts)).join("");
}

function holds(pid: number, name: RegExp): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) =>
      name.test(readlinkSync(`/proc/${pid}/fd/${fd}`)),
    );
  } catch {
    return false; // It has ended.
  }
}

/** All that runs in a session, by the host's numbers. */
export function processesOf(sessionId: string): number[] {
  return findTree({ sessionId, recorders: new Set() }).map(({ pid }) => pid);
}

/** The first process of a session with process numbers of its own. */
export function firstProcessOf(sessionId: string): number | undefined {
  return processesOf(sessionId).find((pid) => {
    try {
      return /^NSpid:\t\d+.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false; // It has ended.
    }
  });
}
