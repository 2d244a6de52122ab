import { SandboxError } from "../../contract/errors.ts";
import type { TemplateStep } from "../../contract/template.ts";

/** What a Dockerfile asks for, in the engine's words. */
export interface Recipe {
  image: string;
  steps: TemplateStep[];
  /** A line for the shell: its entry point and command. */
  startCommand?: string;
}

// What an image has before anything is said about it, as far as files refer to it.
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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
  readonly #variables = new Map<string, string>([["PATH", PATH]]);
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
        return void this.#steps.push({ type: "workdir", path: this.#filled(unquoted(rest)) });
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
    const given = [...this.#arguments].map(([name, value]) => `export ${name}=${quoted(value)}\n`);
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
    this.#arguments.set(name.trim(), this.#filled(unquoted(value.join("="))));
  }

  /** With the variables that were set before filled in, as the file format has it. */
  #filled(text: string): string {
    return text.replace(/\\\$|\$(?:\{(\w+)\}|(\w+))/g, (all, inBraces?: string, bare?: string) => {
      const name = inBraces ?? bare;
      if (name === undefined) return "$";
      return this.#variables.get(name) ?? this.#arguments.get(name) ?? "";
    });
  }
}

/** Lines with their continuations joined, without comments. */
function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let pending: { line: string; number: number } | undefined;
  for (const [index, physical] of text.split(/\r?\n/).entries()) {
    // A comment may stand within a command that goes on.
    if (/^\s*#/.test(physical) || (physical.trim() === "" && !pending)) continue;
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
  return [...pairs].map(([, name = "", value = ""]) => [name, unquoted(value)]);
}

/** Quotes of a shell taken off, wherever they stand. */
function unquoted(text: string): string {
  return text
    .trim()
    .replace(
      /'([^']*)'|"((?:\\.|[^"\\])*)"|\\([^$])/g,
      (_, single?: string, double?: string, escaped?: string) =>
        single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped ?? "",
    );
}

/** A line for the shell: as it stands, or made of a JSON list of words. */
function shellLine(text: string): string {
  if (!text.startsWith("[")) return text;
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === "string")) {
      return words.map(quoted).join(" ");
    }
  } catch {
    // Not JSON: then it is a line, as the format has it.
  }
  return text;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function invalid(number: number, problem: string): SandboxError {
  return new SandboxError("invalid_request", `Line ${number} of the Dockerfile: ${problem}.`);
}

function unsupportedLine(number: number, problem: string): SandboxError {
  return new SandboxError("unsupported", `Line ${number} of the Dockerfile: ${problem}.`);
}
