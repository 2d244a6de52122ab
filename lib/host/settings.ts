import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { DEFAULTS } from "../contract/defaults.ts";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";

/** Where sandboxes live: `auto` is resolved already. */
export type EngineChoice =
  | { kind: "embedded" }
  | { kind: "daemon" }
  | { kind: "http"; url: string }
  | { kind: "vercel" }
  | { kind: "trigger" }
  | { kind: "e2b" }
  | { kind: "daytona" };

/** An address of this machine only. Port 0: any free one. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** Where the sandboxes of Trigger.dev runs are kept: in a folder, or as archives below a URL. */
export type KeepChoice = { kind: "folder"; path: string } | { kind: "url"; url: string };

export interface Settings {
  engine: EngineChoice;
  /** The state folder, absolute. */
  home: string;
  isolation: "auto" | "process" | "namespaces";
  /** What an `http` engine asks for. */
  token?: string;
  listen?: ListenAddress;
  keep?: KeepChoice;
  /** An address with `{port}` in it. */
  ingress?: string;
  idleMs: number;
  outputLimitBytes: number;
  logLevel: "info" | "warn" | "silent";
  /** Whether programs may move the engine's clock and make requests fail. */
  testControls: boolean;
}

interface Definition<Value> {
  variable: string;
  /** What may be written, in words. */
  allowed: string;
  /** What holds when it is not set, in words. */
  fallback: string;
  meaning: string;
  /** Turns the text into the value; undefined when it is not allowed. */
  parse: (text: string) => Value | undefined;
}

function define<Value>(definition: Definition<Value>): Definition<Value> {
  return definition;
}

const LOOPBACK_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Every setting, as data: the parser, the README's table and `.env.example` are made from it. */
export const SETTINGS = {
  engine: define<EngineChoice | { kind: "auto" }>({
    variable: "SANDLOT_ENGINE",
    allowed:
      "auto, embedded, daemon, http://host:port, https://host, vercel, trigger, e2b or daytona",
    fallback: "auto",
    meaning:
      "Where sandboxes live: `embedded` in this process, `daemon` in a background process that all programs share, a URL for another engine, `trigger` in runs of your Trigger.dev project (TRIGGER_SECRET_KEY), `vercel`, `e2b` or `daytona` for the cloud of that vendor, with your account there. `auto` is `vercel` on the vendor's own platform (VERCEL=1) and `daemon` everywhere else.",
    parse(text) {
      if (/^https?:/i.test(text)) return parseEngineUrl(text);
      const kind = oneOf(text, [
        "auto",
        "embedded",
        "daemon",
        "vercel",
        "trigger",
        "e2b",
        "daytona",
      ]);
      return kind && { kind };
    },
  }),
  home: define<string>({
    variable: "SANDLOT_HOME",
    allowed: "an absolute path, or one that begins with ~/",
    fallback:
      "$XDG_STATE_HOME/sandlot, else ~/.local/state/sandlot (macOS: ~/Library/Application Support/sandlot, Windows: %LOCALAPPDATA%\\sandlot)",
    meaning: "The folder that holds all state. Each folder has an engine of its own.",
    parse(text) {
      const path = /^~(?=\/|$)/.test(text) ? join(homedir(), text.slice(1)) : text;
      return isAbsolute(path) && !path.includes("\0") ? resolve(path) : undefined;
    },
  }),
  isolation: define<Settings["isolation"]>({
    variable: "SANDLOT_ISOLATION",
    allowed: "auto, process or namespaces",
    fallback: "auto",
    meaning:
      "How commands are kept apart: `auto` takes the strongest way that works here, and says which. `process` is none: commands run as you. `namespaces` fails where it is not possible.",
    parse: (text) => oneOf(text, ["auto", "process", "namespaces"]),
  }),
  token: define<string>({
    variable: "SANDLOT_TOKEN",
    allowed: "letters, digits and the signs - . _ ~ + / =",
    fallback: "none",
    meaning: "The token that an engine at a URL asks for: what its file `token` holds.",
    // What a header may carry as a bearer token (RFC 6750).
    parse: (text) => (/^[A-Za-z0-9\-._~+/]+=*$/.test(text) ? text : undefined),
  }),
  listen: define<ListenAddress>({
    variable: "SANDLOT_LISTEN",
    allowed: "auto, or 127.0.0.1:PORT",
    fallback: "none",
    meaning:
      "Lets the daemon listen on a TCP port of this machine, too, with the token in its file `token`. Without it there is only a Unix socket.",
    parse: parseListen,
  }),
  keep: define<KeepChoice>({
    variable: "SANDLOT_KEEP",
    allowed: "an absolute path, or a URL below which GET, PUT and DELETE work",
    fallback: "none",
    meaning:
      "With `trigger`, for the tasks' workers: where a sandbox is kept beyond the run that holds it. A folder keeps all of it, as it is; at a URL it is stored when it stops. Without it a sandbox is lost when its run ends.",
    parse: parseKeep,
  }),
  ingress: define<string>({
    variable: "SANDLOT_INGRESS",
    allowed: "an address with {port} in it, such as http://localhost:{port}",
    fallback: "none",
    meaning:
      "With `trigger`, for the programs: how ports of the machine on which the sandboxes' runs are can be reached from here. `domain()` gives this address with the port's number. Without it `domain()` throws, because nothing leads into a run.",
    parse: parseIngress,
  }),
  idleMs: define<number>({
    variable: "SANDLOT_IDLE_MS",
    allowed: "milliseconds: a whole number from 100 up",
    fallback: String(DEFAULTS.daemonIdleMs),
    meaning: "How long the daemon stays with nothing running and nobody calling.",
    parse: (text) => parseWhole(text, { min: 100, max: 2 ** 31 - 1 }),
  }),
  outputLimitBytes: define<number>({
    variable: "SANDLOT_OUTPUT_LIMIT_BYTES",
    allowed: "bytes: a whole number from 65536 up",
    fallback: String(LIMITS.outputBytes),
    meaning: "What one command's output may take on disk before its oldest part is dropped.",
    parse: (text) => parseWhole(text, { min: 65_536, max: Number.MAX_SAFE_INTEGER }),
  }),
  logLevel: define<Settings["logLevel"]>({
    variable: "SANDLOT_LOG_LEVEL",
    allowed: "info, warn or silent",
    fallback: "info",
    meaning: "What the engine writes to its log.",
    parse: (text) => oneOf(text, ["info", "warn", "silent"]),
  }),
  testControls: define<boolean>({
    variable: "SANDLOT_TEST_CONTROLS",
    allowed: "1 or 0",
    fallback: "0",
    meaning:
      "For tests: lets programs move the engine's clock, make requests fail and read which were made (`sandlot clock`, `sandlot faults`, `sandlot requests`). Read when the engine is opened.",
    parse: (text) => (text === "1" || text === "0" ? text === "1" : undefined),
  }),
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings that hold now. Throws `invalid_request` that names the variable and what is allowed. */
export function readSettings(env: Environment = process.env): Settings {
  const engine = read(SETTINGS.engine, env) ?? { kind: "auto" };
  const token = read(SETTINGS.token, env);
  const listen = read(SETTINGS.listen, env);
  const keep = read(SETTINGS.keep, env);
  const ingress = read(SETTINGS.ingress, env);
  return {
    engine: engine.kind === "auto" ? { kind: env["VERCEL"] === "1" ? "vercel" : "daemon" } : engine,
    home: read(SETTINGS.home, env) ?? defaultHome(env),
    isolation: read(SETTINGS.isolation, env) ?? "auto",
    ...(token !== undefined && { token }),
    ...(listen && { listen }),
    ...(keep && { keep }),
    ...(ingress !== undefined && { ingress }),
    idleMs: read(SETTINGS.idleMs, env) ?? DEFAULTS.daemonIdleMs,
    outputLimitBytes: read(SETTINGS.outputLimitBytes, env) ?? LIMITS.outputBytes,
    logLevel: read(SETTINGS.logLevel, env) ?? "info",
    testControls: read(SETTINGS.testControls, env) ?? false,
  };
}

function read<Value>(definition: Definition<Value>, env: Environment): Value | undefined {
  const text = env[definition.variable]?.trim();
  // An empty value is how shells and .env files write "not set".
  if (!text) return undefined;
  const value = definition.parse(text);
  if (value !== undefined) return value;
  const shown = definition.variable === SETTINGS.token.variable ? "given" : `"${text}"`;
  throw new SandboxError(
    "invalid_request",
    `${definition.variable} is ${shown}, which is not allowed. Set it to ${definition.allowed}, or leave it out (default: ${definition.fallback}).`,
  );
}

function oneOf<Word extends string>(text: string, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === text);
}

function parseEngineUrl(text: string): EngineChoice | undefined {
  const url = URL.parse(text);
  // A user, a query or a hash would be dropped on the way, so they are refused.
  if (!url || url.username || url.password || url.search || url.hash) return undefined;
  return { kind: "http", url: url.href.replace(/\/+$/, "") };
}

function parseKeep(text: string): KeepChoice | undefined {
  if (/^https?:/i.test(text)) {
    const url = URL.parse(text);
    // The sandbox's name goes to the end of the path.
    if (!url || url.search || url.hash) return undefined;
    return { kind: "url", url: url.href.replace(/\/+$/, "") };
  }
  return isAbsolute(text) && !text.includes("\0")
    ? { kind: "folder", path: resolve(text) }
    : undefined;
}

function parseIngress(text: string): string | undefined {
  const url = URL.parse(text.replaceAll("{port}", "1"));
  return text.includes("{port}") && /^https?:/.test(url?.protocol ?? "") ? text : undefined;
}

function parseListen(text: string): ListenAddress | undefined {
  if (text === "auto") return { host: "127.0.0.1", port: 0 };
  const parts = /^(.+):(\d{1,5})$/.exec(text);
  const host = parts?.[1] ?? "";
  const port = Number(parts?.[2]);
  if (!LOOPBACK_HOSTS.has(host) || port > 65_535) return undefined;
  return { host: host === "[::1]" ? "::1" : "127.0.0.1", port };
}

function parseWhole(text: string, { min, max }: { min: number; max: number }): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

function defaultHome(env: Environment): string {
  if (process.platform === "darwin") {
    return join(homedir(), "Library", "Application Support", "sandlot");
  }
  if (process.platform === "win32") {
    return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "sandlot");
  }
  const base = env["XDG_STATE_HOME"];
  // The XDG rules say that a relative path is to be ignored.
  return join(base && isAbsolute(base) ? base : join(homedir(), ".local", "state"), "sandlot");
}
