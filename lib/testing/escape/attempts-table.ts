import type { Attempt, Weakening } from "./attempt.ts";
import { ATTEMPTS } from "./attempts.ts";

const WITH: Record<Weakening, string> = {
  process: "the `process` backend",
  box: "no sandbox",
  "hosts-root": "the host's root left mounted",
  "trusted-mount-points": "mount points taken from the snapshot",
  "naive-files": "files opened by name",
  "naive-tables": "lists of groups read as any file",
  named: "a policy that names the place",
  "passed-on": "the engine's variables passed on",
  "callers-keyring": "a daemon started without a keyring of its own",
};

/** The rows of the threat model's table of what was tried, as Markdown. */
export function attemptsTable(): string {
  const row = ([name, { title, as, weakened, needs, where }]: [string, Attempt]) => {
    const [subject] = name.split(": ");
    const who = as === "root" ? "root" : "default user";
    const kernel = needs === undefined ? "" : `, where the kernel has \`${needs}\``;
    const machine = where ? `, where ${where.words}` : "";
    return `| ${subject} | ${who} | ${title}${kernel}${machine} | ${WITH[weakened]} |`;
  };
  const head = [
    "| subject | as | what was tried | seen to succeed with |",
    "| --- | --- | --- | --- |",
  ];
  return [...head, ...Object.entries(ATTEMPTS).map(row)].join("\n");
}
