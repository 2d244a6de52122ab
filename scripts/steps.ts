import { spawnSync } from "node:child_process";

export interface Step {
  title: string;
  command: string;
  args: string[];
}

/** Runs the steps in order, each under its title, and ends the program with the first failure's exit code. */
export function runSteps(steps: readonly Step[]): void {
  for (const { title, command, args } of steps) {
    const begun = performance.now();
    process.stdout.write(`\n== ${title}: ${[command, ...args].join(" ")}\n`);
    const { status, error } = spawnSync(command, args, { stdio: "inherit" });
    if (error) throw error;
    if (status !== 0) {
      process.stdout.write(`\n${title} failed (exit code ${status}).\n`);
      process.exit(status ?? 1);
    }
    process.stdout.write(`== ${title}: ok, ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
  }
}

const npm = (script: string) => ({ command: "npm", args: ["run", "--silent", script] });

export const TESTS: Step = { title: "tests", command: "vitest", args: ["run"] };

/** The whole gate, what is quickest and says most first. */
export const STEPS: readonly Step[] = [
  // Before all: lint and types read the library as built.
  { title: "build", ...npm("build") },
  { title: "format", ...npm("format") },
  { title: "lint", ...npm("lint") },
  { title: "types", ...npm("types") },
  { title: "floors", ...npm("floors") },
  { title: "dead code", ...npm("deadcode") },
  TESTS,
  { title: "package", ...npm("package") },
];
