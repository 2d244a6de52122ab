import { daemonStatus } from "../../host/daemon-control.ts";
import { packageVersion } from "../../host/package-version.ts";
import { readSettings, type Settings } from "../../host/settings.ts";
import { stateFolder } from "../../host/state-folder.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { describeError } from "../../trigger-client/describe-error.ts";
import type { Check } from "../doctor/check.ts";
import { isolationChecks } from "../doctor/isolation-checks.ts";
import { namespaceChecks } from "../doctor/namespace-checks.ts";
import { machineChecks } from "../doctor/machine-checks.ts";
import { stateChecks } from "../doctor/state-checks.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { TextStyle } from "../text-style.ts";

export const doctor = defineCommand({
  name: "doctor",
  summary: "Show what is possible on this machine, and why not more",
  details: "Starts no daemon. Exit code 5 when something keeps Sandlot from working at all.",
  options: jsonOption,
  async run({ options }, { console, signal }) {
    const settings = readSettings();
    const state = await stateChecks(settings.home);
    const canWrite = state.every(({ level }) => level !== "fail");
    const { used, checks: isolationGroup } = await isolation(settings);
    const groups: [string, Check[]][] = [
      ["Isolation", isolationGroup],
      [
        "What this machine gives to isolated sandboxes",
        canWrite ? await given(settings, used) : UNTRIED,
      ],
      ["Machine", await machineChecks(signal)],
      ["State", [...state, await daemon(settings)]],
    ];
    const checks = groups.flatMap(([, each]) => each);
    if (options.json) console.json(checks);
    else {
      for (const [title, each] of groups) {
        console.line(console.paint("bold", title));
        const width = Math.max(...each.map(({ name }) => name.length));
        for (const check of each) {
          for (const line of linesOf(check, { width, columns: console.columns })) {
            console.line(`  ${console.paint(STYLES[check.level], line.mark)} ${line.text}`);
          }
        }
        console.line();
      }
    }
    const failed = checks.some(({ level }) => level === "fail");
    return failed ? EXIT_CODES.unsupported.code : EXIT_CODES.ok.code;
  },
});

const STYLES: Record<Check["level"], TextStyle> = {
  ok: "green",
  info: "dim",
  warn: "yellow",
  fail: "red",
};
const MARKS: Record<Check["level"], string> = { ok: "✓", info: "·", warn: "!", fail: "✗" };

function linesOf(
  check: Check,
  { width, columns }: { width: number; columns: number | undefined },
): { mark: string; text: string }[] {
  const { name, level, detail, advice } = check;
  // Before the text stand two spaces, the mark, a space, the name and two spaces.
  const room = columns === undefined ? Infinity : Math.max(30, columns - width - 6);
  const texts = [detail, ...(advice === undefined ? [] : [`→ ${advice}`])].flatMap((text) =>
    wrapped(text, room),
  );
  return texts.map((text, index) => ({
    mark: index === 0 ? MARKS[level] : " ",
    text: `${(index === 0 ? name : "").padEnd(width)}  ${text}`,
  }));
}

/** The text in lines of at most so many characters, broken between words. */
function wrapped(text: string, room: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** What the running daemon says, or else what an engine would get that is started now. */
async function isolation(settings: Settings): Promise<{ used?: string; checks: Check[] }> {
  const running = settings.engine.kind === "daemon" ? await daemonStatus(settings) : undefined;
  if (running) {
    const { isolation: name, features } = running;
    return { used: name, checks: isolationChecks({ name, features }) };
  }
  if (settings.engine.kind !== "daemon" && settings.engine.kind !== "embedded") {
    const detail = `decided elsewhere: SANDLOT_ENGINE is ${settings.engine.kind}`;
    return { checks: [{ name: "isolation", level: "info", detail }] };
  }
  try {
    // Loads the whole engine, which no other command needs.
    const { chooseIsolation } = await import("../../host/choose-isolation.ts");
    const { isolation: directory } = stateFolder(settings.home);
    using chosen = await chooseIsolation(settings, {
      directory,
      log: SILENT,
      asDaemon: settings.engine.kind === "daemon",
    });
    const { name, features } = chosen;
    return { used: name, checks: isolationChecks({ name, features: { ...features } }) };
  } catch (error) {
    return { checks: [{ name: "isolation", level: "fail", detail: describeError(error) }] };
  }
}

/** Tried on the disk that sandboxes would be on. */
async function given(settings: Settings, used: string | undefined): Promise<Check[]> {
  const { inspectMachine } = await import("../../host/inspect-machine.ts");
  const parts = await inspectMachine(settings.home);
  return namespaceChecks({ parts, used, asked: settings.isolation });
}

const UNTRIED: Check[] = [
  { name: "not tried", level: "info", detail: "the state folder cannot be written" },
];

const SILENT = { info: () => undefined, warn: () => undefined };

async function daemon(settings: Settings): Promise<Check> {
  const name = "daemon";
  if (settings.engine.kind !== "daemon") {
    return { name, level: "info", detail: `not used: SANDLOT_ENGINE is ${settings.engine.kind}` };
  }
  const found = await daemonStatus(settings);
  if (!found) return { name, level: "ok", detail: "not running; the first call starts it" };
  const detail = `process ${found.pid}, version ${found.version}`;
  if (found.version === packageVersion()) return { name, level: "ok", detail };
  return {
    name,
    level: "warn",
    detail: `${detail}, but this is ${packageVersion()}`,
    advice: "sandlot daemon stop; the next call starts one of this version.",
  };
}
