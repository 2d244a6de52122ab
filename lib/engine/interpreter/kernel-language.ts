import { stripTypeScriptTypes } from "node:module";
import { SandboxError } from "../../contract/errors.ts";
import type { InterpreterLanguage } from "../interpreters.ts";
import { bashInterrupted, bashRequest, bashStart } from "./bash-kernel.ts";
import { JAVASCRIPT_KERNEL } from "./javascript-kernel.ts";
import { PYTHON_KERNEL } from "./python-kernel.ts";
import { rewriteImports } from "./rewrite-imports.ts";

/** One execution, as it is asked for. */
export interface Execution {
  id: number;
  code: string;
  env: Record<string, string>;
}

/** How a language's kernel is started and spoken to. */
export interface KernelLanguage {
  /** The program that must be there. */
  program: string;
  command(marker: string): { cmd: string; args: string[] };
  /** Written to its input first. */
  start(marker: string): string;
  request(execution: Execution): string;
  /** Written to its input when it is interrupted, right after the signal. */
  interruption(execution: Execution): string;
}

// The kernel's own input is on descriptor 3: what it starts must not read its requests.
const APART = 'exec "$@" 3<&0 0</dev/null';

function apart(...command: string[]): { cmd: string; args: string[] } {
  return { cmd: "/bin/sh", args: ["-c", APART, "sh", ...command] };
}

const line = (message: object) => `${JSON.stringify(message)}\n`;

const python: KernelLanguage = {
  program: "python3",
  command: (marker) => apart("python3", "-c", PYTHON_KERNEL, marker),
  start: () => "",
  request: line,
  interruption: () => "",
};

const javascript: KernelLanguage = {
  program: "node",
  command: (marker) => apart("node", "--no-warnings", "-e", JAVASCRIPT_KERNEL, marker),
  start: () => "",
  request: ({ code, ...rest }) => line({ ...rest, code: rewriteImports(code) }),
  interruption: ({ id }) => line({ interrupt: id }),
};

const typescript: KernelLanguage = {
  ...javascript,
  request: ({ code, ...rest }) => javascript.request({ ...rest, code: withoutTypes(code) }),
};

const bash: KernelLanguage = {
  program: "bash",
  command: () => ({
    cmd: "bash",
    args: ["--norc", "--noprofile", "--noediting", "-i"],
  }),
  start: bashStart,
  request: bashRequest,
  interruption: bashInterrupted,
};

export const KERNEL_LANGUAGES: Record<InterpreterLanguage, KernelLanguage> = {
  python,
  javascript,
  typescript,
  bash,
};

function withoutTypes(code: string): string {
  try {
    return stripTypeScriptTypes(code, { mode: "transform" });
  } catch (error) {
    throw new SandboxError(
      "invalid_request",
      error instanceof Error ? error.message : "The code is no TypeScript.",
      { cause: error },
    );
  }
}
