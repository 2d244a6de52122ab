import { arch, platform, release } from "node:os";
import type { Check } from "./check.ts";
import { probeProgram } from "./probe-program.ts";

/** What the machine brings along: system, Node, and the programs that sandboxes and the engine use. */
export async function machineChecks(signal: AbortSignal): Promise<Check[]> {
  const programs = await Promise.all(PROGRAMS.map((each) => program(each, signal)));
  return [system(), node(), ...programs];
}

function system(): Check {
  const name = platform();
  const detail = `${name} ${release()}, ${arch()}`;
  if (name === "linux") return { name: "system", level: "ok", detail };
  return {
    name: "system",
    level: "warn",
    detail: `${detail}: Sandlot has been run on Linux only`,
    advice: "Expect rough edges, and tell us about them.",
  };
}

function node(): Check {
  return { name: "node", level: "ok", detail: `${process.version} (${process.execPath})` };
}

interface Program {
  name: string;
  args: string[];
  /** What the answer must hold. */
  wanted?: RegExp;
  missing: Check["level"];
  why: string;
}

const PROGRAMS: Program[] = [
  {
    name: "sh",
    args: ["-c", "echo found"],
    missing: "fail",
    why: "the engine starts commands with it",
  },
  { name: "git", args: ["--version"], missing: "warn", why: "sandboxes with a git source need it" },
  {
    name: "tar",
    args: ["--version"],
    missing: "warn",
    why: "sandboxes with a tarball source need it",
  },
  {
    name: "npm",
    args: ["--version"],
    missing: "warn",
    why: "commands in sandboxes use the host's",
  },
  {
    name: "stat",
    args: ["--version"],
    wanted: /GNU/,
    missing: "warn",
    why: "sandbox.fs reads GNU stat's and find's output",
  },
  ...(platform() === "linux"
    ? [
        {
          name: "fallocate",
          args: ["--version"],
          missing: "warn" as const,
          why: "it gives back the disk space of the oldest part of a very long log",
        },
      ]
    : []),
];

async function program(asked: Program, signal: AbortSignal): Promise<Check> {
  const { name, args, wanted, missing, why } = asked;
  const answer = await probeProgram(name, args, signal);
  if (answer !== undefined && (wanted?.test(answer) ?? true)) {
    return { name, level: "ok", detail: answer.split("\n")[0]!.trim() };
  }
  const detail = answer === undefined ? "not found on PATH" : "found, but not the GNU version";
  return { name, level: missing, detail: `${detail}: ${why}`, advice: `Install ${name}.` };
}
