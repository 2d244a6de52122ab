import type { Sandbox } from "sandlot";
import type { CommandSummary } from "../../contract/command.ts";
import { PROJECT_PORTS, STUDIO_LIMITS } from "../../contract/limits.ts";
import type { PreviewState } from "../../contract/preview.ts";
import type { CommandRecords } from "../commands/command-records.ts";
import { isRunning } from "../commands/command-watch.ts";
import { readLastLines } from "../commands/last-lines.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import { toStudioError } from "../http/to-studio-error.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import { sandboxAsItIs } from "../sandboxes/find-sandbox.ts";
import { isListening } from "./is-listening.ts";
import { PreviewProxy } from "./preview-proxy.ts";

export interface PreviewKeeperOptions {
  projects: ProjectStore;
  events: ProjectEvents;
  records: CommandRecords;
  /** Whether the project's agent is at work. */
  isAtWork: (projectId: string) => boolean;
}

// Nothing tells when a program in a sandbox begins to listen, so it is tried, soon at first and then each second.
const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 1_000;

/** One project's preview. */
interface Preview {
  state: PreviewState;
  proxy?: PreviewProxy;
  /** The app's own URL. */
  target?: string;
  retryMs: number;
  timer?: NodeJS.Timeout;
  /** Looks come one after the other. */
  looking: Promise<PreviewState>;
}

const NONE: PreviewState = {
  phase: "none",
  message: "The preview appears here once there is an app.",
};

/** Knows for each project what its preview shows, and tells when that changes. */
export class PreviewKeeper implements AsyncDisposable {
  readonly #options: PreviewKeeperOptions;
  readonly #previews = new Map<string, Preview>();
  #closed = false;

  constructor(options: PreviewKeeperOptions) {
    this.#options = options;
  }

  /** Looks anew. Never rejects. While nothing listens yet it goes on looking, as long as somebody has the project open. */
  async refresh(projectId: string): Promise<PreviewState> {
    if (this.#closed) return this.state(projectId);
    const preview = this.#previewOf(projectId);
    clearTimeout(preview.timer);
    preview.looking = preview.looking.then(() => this.#look(projectId, preview));
    return preview.looking;
  }

  /** What was seen last. */
  state(projectId: string): PreviewState {
    return this.#previews.get(projectId)?.state ?? NONE;
  }

  /** The project is gone. */
  async close(projectId: string): Promise<void> {
    const preview = this.#previews.get(projectId);
    this.#previews.delete(projectId);
    clearTimeout(preview?.timer);
    await preview?.looking;
    clearTimeout(preview?.timer);
    await preview?.proxy?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#previews.keys()].map((projectId) => this.close(projectId)));
  }

  #previewOf(projectId: string): Preview {
    const known = this.#previews.get(projectId);
    if (known) return known;
    const made: Preview = {
      state: NONE,
      retryMs: RETRY_FIRST_MS,
      looking: Promise.resolve(NONE),
    };
    this.#previews.set(projectId, made);
    return made;
  }

  async #look(projectId: string, preview: Preview): Promise<PreviewState> {
    const { projects, events } = this.#options;
    if (this.#closed || !projects.has(projectId)) return NONE;
    const before = preview.state;
    try {
      preview.state = await this.#see(projectId, preview);
      // Not before it is known: a page that is loading would miss some of its parts.
      if (preview.state.phase !== "up") delete preview.target;
    } catch (error) {
      preview.state = { phase: "stopped", message: toStudioError(error).message };
    }
    if (JSON.stringify(before) !== JSON.stringify(preview.state)) {
      preview.retryMs = RETRY_FIRST_MS;
      events.emit(projectId, { type: "preview", preview: preview.state });
    }
    const { phase } = preview.state;
    if ((phase === "waiting" || phase === "starting") && events.isWatched(projectId)) {
      preview.timer = setTimeout(() => void this.refresh(projectId), preview.retryMs);
      preview.timer.unref();
      preview.retryMs = Math.min(preview.retryMs * 2, RETRY_MOST_MS);
    }
    return preview.state;
  }

  async #see(projectId: string, preview: Preview): Promise<PreviewState> {
    const { projects, records, isAtWork } = this.#options;
    const { sandboxId } = projects.get(projectId);
    if (sandboxId === undefined) return NONE;
    const sandbox = await sandboxAsItIs(sandboxId);
    if (sandbox.status !== "running") {
      return {
        phase: "stopped",
        message: "The sandbox is stopped. Its files are kept: resume it to go on.",
      };
    }
    const background = records.ofSandbox(sandboxId).filter((each) => each.background);
    const server = background[0];
    const found = await this.#findPort(projectId, sandbox);
    if (found !== undefined) {
      preview.target = sandbox.domain(found);
      preview.proxy ??= await PreviewProxy.open(() => preview.target);
      return {
        phase: "up",
        url: preview.proxy.url,
        port: found,
        message: `The app runs on port ${found}.`,
        ...(server && isRunning(server) && { cmdId: server.cmdId }),
      };
    }
    const waiting = background.find(isRunning);
    if (waiting) {
      const port = projects.previewPort(projectId);
      return {
        phase: "waiting",
        cmdId: waiting.cmdId,
        ...(port !== undefined && { port }),
        message: `Waiting until “${waiting.command}” listens on a port.`,
      };
    }
    if (isAtWork(projectId)) {
      return {
        phase: "starting",
        message: "The agent is building. The preview starts when the app does.",
      };
    }
    return server ? describeEnded(sandbox, server) : notStarted();
  }

  // The port that was asked for last comes first, then those of common tools.
  async #findPort(projectId: string, sandbox: Sandbox): Promise<number | undefined> {
    const expected = this.#options.projects.previewPort(projectId);
    const exposed = sandbox.routes.map(({ port }) => port);
    const ports = [...new Set([...(expected === undefined ? [] : [expected]), ...PROJECT_PORTS])];
    const answers = await Promise.all(
      ports
        .filter((port) => exposed.includes(port))
        .map(async (port) => ({ port, up: await isListening(sandbox.domain(port)) })),
    );
    return answers.find(({ up }) => up)?.port;
  }
}

function notStarted(): PreviewState {
  return { phase: "stopped", message: "Nothing runs yet. Ask the agent to start the app." };
}

async function describeEnded(sandbox: Sandbox, server: CommandSummary): Promise<PreviewState> {
  const { cmdId, command, exitCode } = server;
  if (exitCode === null || exitCode === 0) {
    return {
      phase: "stopped",
      cmdId,
      message: `“${command}” has ended. Ask the agent to start it again.`,
    };
  }
  return {
    phase: "crashed",
    cmdId,
    exitCode,
    lastLines: await readLastLines(sandbox, cmdId, STUDIO_LIMITS.previewLogLines),
    message: `“${command}” ended with exit code ${exitCode}.`,
  };
}
