import type { HostedSandbox } from "../../contract/carrier.ts";
import type { Log } from "../../engine/ports.ts";
import { abortable } from "../../std/abortable.ts";
import { fileLog } from "../log-file.ts";
import type { Settings } from "../settings.ts";
import { stateFolder } from "../state-folder.ts";
import { Wakefulness } from "../wakefulness.ts";
import { CallerDesk } from "./caller-desk.ts";
import { EngineHost } from "./engine-host.ts";
import { openHostHome } from "./host-home.ts";
import { lostSandbox } from "./lost-sandbox.ts";

/** How a host that lives in a run reaches its callers, and whoever keeps the run's books. */
export interface HostLink {
  /** The run: by it callers address this host. */
  address: string;
  /** What the last host of this sandbox told. */
  previous: HostedSandbox | undefined;
  /** Writes one record where that caller reads its answers. */
  write: (caller: string, record: string) => Promise<void>;
  tell: (hosted: HostedSandbox) => Promise<void>;
  /** The sandbox is gone for good: nobody shall find it by its name. */
  deleted: () => Promise<void>;
  /** Gives each record of the log once, from where the last host left it. Ends when it is disposed of. */
  listen: (receive: (record: unknown) => void) => Promise<AsyncDisposable>;
}

export interface RunHostOptions {
  name: string;
  settings: Settings;
  /** Aborted when the run is to end. */
  signal: AbortSignal;
  /** How long it stays with nothing running and nobody asking. */
  idleMs?: number;
  /** Called when callers can be served. */
  ready?: () => Promise<void>;
}

/** How a host ended. */
export type HostEnd = "idle" | "deleted" | "lost" | "cancelled";

const IDLE_MS = 30_000;
// A host that was killed a moment ago leaves its engine's folder to its reaper, which stops the sandbox.
const FOLDER_PATIENCE_MS = 60_000;

/**
 * Holds one sandbox for as long as it lives, or as this run does. When it ends, however it ends, no process
 * of the sandbox runs any more; its files stay only where the settings keep them. A sandbox that an earlier
 * host had and that was kept nowhere is reported as lost; it is not made again.
 */
export async function runSandboxHost(link: HostLink, options: RunHostOptions): Promise<HostEnd> {
  // An engine keeps no process alive by itself.
  return new Wakefulness().during(() => holdSandbox(link, options));
}

async function holdSandbox(link: HostLink, options: RunHostOptions): Promise<HostEnd> {
  const { name, settings, signal, idleMs = IDLE_MS } = options;
  await using home = await openHostHome(settings, name);
  const { previous } = link;
  if (previous && (previous.state === "lost" || !home.hasState)) {
    return reportLost(link, { ...options, idleMs, previous });
  }
  await using host = await EngineHost.open({
    settings: home.settings,
    name,
    address: link.address,
    write: link.write,
    changed: link.tell,
    deleted: link.deleted,
    keep: home.keep,
    log: fileLog(stateFolder(home.settings.home).log, settings.logLevel),
    idleMs,
    waitMs: FOLDER_PATIENCE_MS,
  });
  await using _stopped = { [Symbol.asyncDispose]: () => host.stopSandbox() };
  // What changed while nobody held it, such as a stop by the reaper.
  await host.tell();
  await using _listening = await link.listen((record) => host.receive(record));
  await options.ready?.();
  const end = await endOf(host.ended, signal);
  if (end === "deleted") home.forget();
  return end;
}

/** Says that the sandbox is lost: where others look, and to whoever asks this run. */
async function reportLost(
  link: HostLink,
  {
    previous,
    signal,
    idleMs,
    ready,
    name,
  }: RunHostOptions & { previous: HostedSandbox; idleMs: number },
): Promise<HostEnd> {
  await link.tell({ ...previous, state: "lost" });
  const lost = lostSandbox(name);
  const log: Log = { info: () => undefined, warn: () => undefined };
  const desk = new CallerDesk({
    address: link.address,
    write: link.write,
    log,
    handle: async () => {
      throw lost;
    },
  });
  await using _ = await link.listen((record) => desk.receive(record));
  await ready?.();
  // Callers know it from now on without asking; this is for those who asked before.
  const quiet = Promise.withResolvers<"lost">();
  const timer = setTimeout(() => quiet.resolve("lost"), idleMs);
  try {
    return await endOf(quiet.promise, signal);
  } finally {
    clearTimeout(timer);
    await desk.close(lost);
  }
}

async function endOf<End>(ended: Promise<End>, signal: AbortSignal): Promise<End | "cancelled"> {
  try {
    return await abortable(ended, signal);
  } catch (error) {
    if (signal.aborted) return "cancelled";
    throw error;
  }
}
