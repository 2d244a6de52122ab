import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { ExchangingIsolation } from "../backends/isolation/exchange.ts";
import { joinedIsolation } from "../backends/isolation/joined-isolation.ts";
import { inspectMachine } from "../backends/isolation/namespaces/machine/inspect-machine.ts";
import { namespacesIsolation } from "../backends/isolation/namespaces/namespaces-isolation.ts";
import { processIsolation } from "../backends/isolation/process/process-isolation.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Isolation, Log } from "../engine/ports.ts";
import { systemCacheDirectory } from "./cache-directory.ts";
import type { Settings } from "./settings.ts";

/** Ends nothing that runs in it when it is disposed of. */
export interface ChosenIsolation extends Isolation, Disposable {}

/**
 * The strongest that this machine gives, and never weaker than what was asked for. What another one left in the
 * directory is ended by that one, and found by this one. Throws `isolation_unavailable`.
 */
export async function chooseIsolation(
  settings: Pick<Settings, "isolation">,
  place: { directory: string; log: Log },
): Promise<ChosenIsolation> {
  const current = await chooseCurrent(settings, place);
  const former = await findFormer(current, place);
  return former ? joinedIsolation({ current, former, log: place.log }) : current;
}

async function findFormer(
  current: ExchangingIsolation,
  { directory, log }: { directory: string; log: Log },
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
  { directory, log }: { directory: string; log: Log },
): Promise<ExchangingIsolation> {
  if (settings.isolation === "process") return plainProcesses({ directory, log });
  try {
    return await namespaces({ directory, log });
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

/** Where the keys of sandboxes' networks are, of an engine whose isolation has the directory. */
export function networkFolder(directory: string): string {
  return join(namespacesFolder(directory), "network");
}

function namespacesFolder(directory: string): string {
  return join(directory, "namespaces");
}

async function namespaces({
  directory,
  log,
  former = false,
}: {
  directory: string;
  log: Log;
  former?: boolean;
}): Promise<ExchangingIsolation> {
  return namespacesIsolation({
    directory: namespacesFolder(directory),
    cacheDirectory: systemCacheDirectory(process.env),
    machine: await inspectMachine({ directory }),
    extraCertificates: extraCertificates(process.env),
    env: { ...chosen(process.env, [...CERTIFICATES, "LANG"]), PATH: searchPath(process.env) },
    log,
    former,
  });
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
