import { SandboxError } from "../../contract/errors.ts";
import type { TemplateStep } from "../../contract/template.ts";
import { shellWord } from "../../std/shell-word.ts";

/** What a Dockerfile asks for, in the engine's words. */
export interface Recipe {
  image: string;
  steps: TemplateStep[];
  /** A line for the shell: its entry point and command. */
  startCommand?: string;
}

// The engine knows what these are in the sandbox, and fills them in.
const OF_SANDBOX = new Set(["PATH", "HOME"]);

/** Say something about an image that has no meaning for a sandbox. */
const WITHOUT_EFFECT = new Set(["LABEL", "EXPOSE", "MAINTAINER", "STOPSIGNAL"]);

/**
 * Reads a Dockerfile. Throws `unsupported` for what needs files of the caller's or more than one stage, and
 * `invalid_request` for what is no Dockerfile; both name the line.
 */
export function readDockerfile(text: string): Recipe {
  const builder = new RecipeBuilder();
  for (const { line, number } of logicalLines(text)) {
    const [, word = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
    builder.add(word.toUpperCase(), rest.trim(), number);
  }
  return builder.finish();
}

class RecipeBuilder {
  readonly #steps: TemplateStep[] = [];
  readonly #variables = new Map<string, string>();
  /** Hold while it is built, and are gone afterwards. */
  readonly #arguments = new Map<string, string>();
  #image: string | undefined;
  #entrypoint = "";
  #command = "";

  add(word: string, rest: string, number: number): void {
    if (WITHOUT_EFFECT.has(word)) return;
    if (this.#image === undefined && word !== "FROM" && word !== "ARG") {
      throw invalid(number, `${word} stands before FROM`);
    }
    switch (word) {
      case "FROM":
        return this.#from(rest, number);
      case "RUN":
        return void this.#steps.push({ type: "run", command: this.#run(rest, number) });
      case "ENV":
        return this.#env(assignments(rest, number));
      case "ARG":
        return this.#argument(rest);
      case "WORKDIR":
        return void this.#steps.push({ type: "workdir", path: this.#filled(rest) });
      case "USER":
        return void this.#steps.push({ type: "user", user: this.#filled(rest) });
      case "ENTRYPOINT":
        this.#entrypoint = shellLine(rest);
        return;
      case "CMD":
        this.#command = shellLine(rest);
        return;
      case "COPY":
      case "ADD":
        throw unsupportedLine(
          number,
          `${word} needs files of yours, which cannot be uploaded for a build here; upload them to the sandbox`,
        );
      default:
        throw unsupportedLine(number, `${word} is not known here`);
    }
  }

  finish(): Recipe {
    if (this.#image === undefined) {
      throw new SandboxError("invalid_request", "The Dockerfile has no FROM; begin it with one.");
    }
    const startCommand = [this.#entrypoint, this.#command].filter(Boolean).join(" ");
    return { image: this.#image, steps: this.#steps, ...(startCommand && { startCommand }) };
  }

  #from(rest: string, number: number): void {
    if (this.#image !== undefined) {
      throw unsupportedLine(number, "a build has one stage here; leave out the second FROM");
    }
    const [image] = rest.split(/\s+/).filter((part) => !part.startsWith("--"));
    if (!image) throw invalid(number, "FROM names no image");
    this.#image = this.#filled(image);
  }

  #run(rest: string, number: number): string {
    if (rest === "") throw invalid(number, "RUN has no command");
    if (rest.startsWith("--")) throw unsupportedLine(number, "options of RUN are not known here");
    const given = [...this.#arguments].map(
      ([name, value]) => `export ${name}=${shellWord(value)}\n`,
    );
    return given.join("") + shellLine(rest);
  }

  #env(pairs: [string, string][]): void {
    const filled = pairs.map(([name, value]): [string, string] => [name, this.#filled(value)]);
    for (const [name, value] of filled) this.#variables.set(name, value);
    this.#steps.push({ type: "env", variables: Object.fromEntries(filled) });
  }

  #argument(rest: string): void {
    const [name = "", ...value] = rest.split("=");
    // Without a default it is empty: nobody passes one here.
    this.#arguments.set(name.trim(), this.#filled(value.join("=")));
  }

  /** Without its quotes, and with the variables that were set before filled in where no single quotes are around. */
  #filled(text: string): string {
    return text.trim().replace(WORD, (whole: string, ...parts: (string | undefined)[]) => {
      const [single, double, escaped, name, fallback, bare] = parts;
      if (single !== undefined) return single;
      if (double !== undefined) return this.#filledQuoted(double);
      if (escaped !== undefined) return escaped;
      return this.#variable(name ?? bare ?? "", fallback, whole);
    });
  }

  #filledQuoted(text: string): string {
    return text.replace(QUOTED, (whole: string, ...parts: (string | undefined)[]) => {
      const [escaped, name, fallback, bare] = parts;
      return escaped ?? this.#variable(name ?? bare ?? "", fallback, whole);
    });
  }

  #variable(name: string, fallback: string | undefined, whole: string): string {
    const value = this.#variables.get(name) ?? this.#arguments.get(name);
    if (value !== undefined) return value;
    return OF_SANDBOX.has(name) ? whole : (fallback ?? "");
  }
}

const VARIABLE = String.raw`\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)`;
// In double quotes a backslash stands before what would mean something there, and for itself before anything else.
const QUOTED = new RegExp(String.raw`\\(["\\$])|${VARIABLE}`, "g");
const WORD = new RegExp(String.raw`'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|${VARIABLE}`, "gs");

/** Lines with their continuations joined, without comments and empty lines. */
function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let pending: { line: string; number: number } | undefined;
  for (const [index, physical] of text.split(/\r?\n/).entries()) {
    // Both may stand within a command that goes on.
    if (/^\s*(?:#|$)/.test(physical)) continue;
    const continues = /\\\s*$/.test(physical);
    const part = physical.replace(/\\\s*$/, "");
    pending = { line: (pending?.line ?? "") + part, number: pending?.number ?? index + 1 };
    if (continues) continue;
    lines.push({ ...pending, line: pending.line.trim() });
    pending = undefined;
  }
  if (pending) lines.push({ ...pending, line: pending.line.trim() });
  return lines;
}

/** `NAME=value NAME="with blanks"`, or the old `NAME the rest`. */
function assignments(text: string, number: number): [string, string][] {
  if (!/^[^\s=]+=/.test(text)) {
    const [, name, value] = /^(\S+)\s+([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) throw invalid(number, "ENV needs a value");
    return [[name, value]];
  }
  const pairs = text.matchAll(/([^\s=]+)=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*)/g);
  return [...pairs].map(([, name = "", value = ""]) => [name, value]);
}

/** A line for the shell: as it stands, or made of a JSON list of words. */
function shellLine(text: string): string {
  if (!text.startsWith("[")) return text;
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === "string")) {
      return words.map(shellWord).join(" ");
    }
  } catch {
    // Not JSON: then it is a line, as the format has it.
  }
  return text;
}

function invalid(number: number, problem: string): SandboxError {
  return new SandboxError("invalid_request", `Line ${number} of the Dockerfile: ${problem}.`);
}

function unsupportedLine(number: number, problem: string): SandboxError {
  return new SandboxError("unsupported", `Line ${number} of the Dockerfile: ${problem}.`);
}
