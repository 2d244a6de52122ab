import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SandboxError } from "../contract/errors.ts";
import { readSettings, SETTINGS } from "./settings.ts";

test("is the daemon in the user's state folder when nothing is set", () => {
  expect(readSettings({ XDG_STATE_HOME: "/state" })).toEqual({
    engine: { kind: "daemon" },
    home: "/state/sandlot",
    isolation: "auto",
    idleMs: 600_000,
    outputLimitBytes: 268_435_456,
    logLevel: "info",
    testControls: false,
  });
});

test.runIf(process.platform === "linux")(
  "ignores a relative XDG_STATE_HOME, as the XDG rules say",
  () => {
    const { home } = readSettings({ XDG_STATE_HOME: "state" });
    expect(home).toBe(join(homedir(), ".local/state/sandlot"));
  },
);

test("is the vendor's cloud on the vendor's own platform, unless something else is asked for", () => {
  expect(readSettings({ VERCEL: "1" }).engine).toEqual({ kind: "vercel" });
  expect(readSettings({ VERCEL: "1", SANDLOT_ENGINE: "auto" }).engine).toEqual({ kind: "vercel" });
  expect(readSettings({ VERCEL: "1", SANDLOT_ENGINE: "daemon" }).engine).toEqual({
    kind: "daemon",
  });
});

test("takes every setting that is written rightly", () => {
  const settings = readSettings({
    SANDLOT_ENGINE: "https://engine.example/base/",
    SANDLOT_HOME: "~/boxes",
    SANDLOT_ISOLATION: "process",
    SANDLOT_TOKEN: "abc.DEF-1~2+3/4==",
    SANDLOT_LISTEN: "localhost:8080",
    SANDLOT_KEEP: "https://user:word@store.example/boxes/",
    SANDLOT_INGRESS: "http://worker.example:{port}",
    SANDLOT_IDLE_MS: "250",
    SANDLOT_OUTPUT_LIMIT_BYTES: "65536",
    SANDLOT_LOG_LEVEL: "silent",
    SANDLOT_TEST_CONTROLS: "1",
  });
  expect(settings).toEqual({
    engine: { kind: "http", url: "https://engine.example/base" },
    home: join(homedir(), "boxes"),
    isolation: "process",
    token: "abc.DEF-1~2+3/4==",
    listen: { host: "127.0.0.1", port: 8080 },
    keep: { kind: "url", url: "https://user:word@store.example/boxes" },
    ingress: "http://worker.example:{port}",
    idleMs: 250,
    outputLimitBytes: 65_536,
    logLevel: "silent",
    testControls: true,
  });
});

test("takes an empty value for one that is not set", () => {
  const empty = Object.fromEntries(Object.values(SETTINGS).map(({ variable }) => [variable, " "]));
  expect(readSettings({ ...empty, XDG_STATE_HOME: "/s" })).toEqual(
    readSettings({ XDG_STATE_HOME: "/s" }),
  );
});

test.each([
  ["SANDLOT_ENGINE", "demon"],
  ["SANDLOT_ENGINE", "http://"],
  ["SANDLOT_TEST_CONTROLS", "yes"],
  ["SANDLOT_ENGINE", "http://user:password@host"],
  ["SANDLOT_HOME", "relative/path"],
  ["SANDLOT_HOME", "~other/path"],
  ["SANDLOT_ISOLATION", "docker"],
  ["SANDLOT_LISTEN", "0.0.0.0:80"],
  ["SANDLOT_LISTEN", "127.0.0.1"],
  ["SANDLOT_LISTEN", "127.0.0.1:70000"],
  ["SANDLOT_KEEP", "relative/path"],
  ["SANDLOT_KEEP", "https://store.example/?query"],
  ["SANDLOT_INGRESS", "http://worker.example"],
  ["SANDLOT_INGRESS", "{port}"],
  ["SANDLOT_IDLE_MS", "-1"],
  ["SANDLOT_IDLE_MS", "10s"],
  ["SANDLOT_IDLE_MS", "50"],
  ["SANDLOT_OUTPUT_LIMIT_BYTES", "1"],
  ["SANDLOT_LOG_LEVEL", "debug"],
])("refuses %s=%s and says what is allowed", (variable, value) => {
  const definition = Object.values(SETTINGS).find((each) => each.variable === variable)!;
  const error = caught(() => readSettings({ [variable]: value }));
  expect(error.code).toBe("invalid_request");
  expect(error.message).toBe(
    `${variable} is "${value}", which is not allowed. Set it to ${definition.allowed}, or leave it out (default: ${definition.fallback}).`,
  );
});

test("does not repeat a token that is written wrongly", () => {
  const error = caught(() => readSettings({ SANDLOT_TOKEN: "my secret" }));
  expect(error.message).not.toContain("my secret");
});

function caught(work: () => unknown): SandboxError {
  try {
    work();
  } catch (error) {
    if (SandboxError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
