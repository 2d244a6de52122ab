import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { ExchangingIsolation } from "../backends/isolation/exchange.ts";
import { joinedIsolation } from "../backends/isolation/joined-isolation.ts";
import { inspectMachine } from "../backends/isolation/namespaces/machine/inspect-machine.ts";
import type { Machine } from "../backends/isolation/namespaces/machine/machine.ts";
import { namespacesIsolation } from "../backends/isolation/namespaces/namespaces-isolation.ts";
import { processIsolation } from "../backends/isolation/process/process-isolation.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Isolation, Log } from "../engine/ports.ts";
import { systemCacheDirectory } from "./cache-directory.ts";
import { isHeld } from "./held-descriptor.ts";
import { namespacesFolder } from "./isolation-folders.ts";
import { mapperPath } from "./mapper-path.ts";
import type { Settings } from "./settings.ts";

/** Ends nothing that runs in it when it is disposed of. */
export interface ChosenIsolation extends Isolation, Disposable {}

export interface IsolationPlace {
  directory: string;
  log: Log;
  /** Only to be looked at: as it would be in a daemon that this user starts, which gets more than other programs. */
  asDaemon?: boolean;
}

/**
 * The strongest that this machine gives, and never weaker than what was asked for. What another one left in the
 * directory is ended by that one, and found by this one. Throws `isolation_unavailable`.
 */
export async function chooseIsolation(
  settings: Pick<Settings, "isolation">,
  place: IsolationPlace,
): Promise<ChosenIsolation> {
  const current = await chooseCurrent(settings, place);
  const former = await findFormer(current, place);
  return former ? joinedIsolation({ current, former, log: place.log }) : current;
}

async function findFormer(
  current: ExchangingIsolation,
  { directory, log }: IsolationPlace,
): Promise<ExchangingIsolation | undefined> {
  if (current.name === "namespaces") {
    return holdsAnything(directory) ? plainProcesses({ directory, log }) : undefined;
  }
  if (!holdsAnything(namespacesFolder(directory))) return undefined;
  return namespaces({ directory, log, former: true });
}

function holdsAnything(directory: string): boolean {
  return ["roots", "snapshots", "drives", "arriving"].some((name) => {
    const kept = join(directory, name);
    return existsSync(kept) && readdirSync(kept).length > 0;
  });
}

async function chooseCurrent(
  settings: Pick<Settings, "isolation">,
  { directory, log, asDaemon = false }: IsolationPlace,
): Promise<ExchangingIsolation> {
  if (settings.isolation === "process") return plainProcesses({ directory, log });
  try {
    return await namespaces({ directory, log, asDaemon });
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "isolation_unavailable") throw error;
    if (settings.isolation === "namespaces") {
      throw new SandboxError(
        "isolation_unavailable",
        `SANDLOT_ISOLATION=namespaces was asked for. ${error.message} With auto or process, commands are kept apart less.`,
        { cause: error },
      );
    }
    log.warn("sandboxes are NOT isolated: commands run as you", { reason: error.message });
    return plainProcesses({ directory, log });
  }
}

async function namespaces({
  directory,
  log,
  former = false,
  asDaemon = false,
}: IsolationPlace & { former?: boolean }): Promise<ExchangingIsolation> {
  const machine = await inspectMachine({
    directory,
    searchPath: mapperPath(process.env),
    isOuterRoot: isHeld(),
  });
  return namespacesIsolation({
    directory: namespacesFolder(directory),
    cacheDirectory: systemCacheDirectory(process.env),
    machine: asDaemon ? seenFromOuter(machine) : machine,
    extraCertificates: extraCertificates(process.env),
    env: { ...chosen(process.env, [...CERTIFICATES, "LANG"]), PATH: searchPath(process.env) },
    log,
    former,
  });
}

/** What root of the user namespace finds that an ordinary user's daemon is started in. */
function seenFromOuter(machine: Machine): Machine {
  if (!machine.ids.offered || machine.ids.map.kind !== "subid") return machine;
  const { count } = machine.ids.map;
  return { ...machine, ids: { offered: true, map: { kind: "range", base: 1, count } } };
}

function plainProcesses({ directory, log }: { directory: string; log: Log }): ExchangingIsolation {
  const baseEnv = { ...chosen(process.env, CERTIFICATES), PATH: searchPath(process.env) };
  return processIsolation({ directory, baseEnv, log });
}

// What programs need to trust the certificates that this machine trusts.
const CERTIFICATES = [
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  // Without it, no program starts on Windows.
  "SystemRoot",
];

/** The host's variables that commands may see. Everything else stays outside. */
function chosen(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const found = names.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

/** What those name besides the system's own: sandboxes have a root of their own, where these paths mean nothing. */
function extraCertificates(env: NodeJS.ProcessEnv): string {
  const files = [env["NODE_EXTRA_CA_CERTS"], env["SSL_CERT_FILE"]];
  return [...new Set(files)].map((file) => (file ? readIfThere(file) : "")).join("");
}

function readIfThere(file: string): string {
  try {
    return `${readFileSync(file, "utf8").trimEnd()}\n`;
  } catch {
    return ""; // Programs of the host's do without it, too.
  }
}

function searchPath(env: NodeJS.ProcessEnv): string {
  const fallback = process.platform === "win32" ? "" : "/usr/local/bin:/usr/bin:/bin";
  // A program that runs Node by its full path may have none on its PATH, but sandboxes have Node.
  return [env["PATH"] || fallback, dirname(process.execPath)].filter(Boolean).join(delimiter);
}
