import type { PreviewState } from "../../contract/preview.ts";
import type { CommandRecords } from "../commands/command-records.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import { toStudioError } from "../http/to-studio-error.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import { sandboxAsItIs } from "../sandboxes/find-sandbox.ts";
import { PreviewProxy } from "./preview-proxy.ts";
import { seeApp, type Sight } from "./see-app.ts";

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
// For an answer. A development server that compiles its first page takes longer: it is given more each time.
const PATIENCE_FIRST_MS = 2_000;
const PATIENCE_MOST_MS = 32_000;

/** One project's preview. */
interface Preview {
  state: PreviewState;
  proxy?: PreviewProxy;
  /** The app's own URL. */
  target?: string;
  /** How often what is shown has become old. */
  revision: number;
  retryMs: number;
  patienceMs: number;
  timer?: NodeJS.Timeout;
  /** Looks come one after the other. */
  looking: Promise<PreviewState>;
  /** How many have been asked for and are not done. */
  looks: number;
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

  /** Looks anew. Never rejects. While nothing answers yet it goes on looking, as long as somebody has the project open. */
  async refresh(projectId: string): Promise<PreviewState> {
    if (this.#closed) return this.#previews.get(projectId)?.state ?? NONE;
    const preview = this.#previewOf(projectId);
    clearTimeout(preview.timer);
    preview.looks += 1;
    preview.looking = preview.looking
      .then(() => this.#look(projectId, preview))
      .finally(() => (preview.looks -= 1));
    return preview.looking;
  }

  /** What was seen last, or what is seen now where nobody has looked yet. It is looked at anew: an event tells of a change. */
  async current(projectId: string): Promise<PreviewState> {
    const known = this.#previews.get(projectId)?.state;
    const looking = this.refresh(projectId);
    return known?.revision === undefined ? looking : known;
  }

  /** The files of the app are others: what shows it loads it anew, unless its own server has brought them to the page. */
  filesChanged(projectId: string): void {
    if (this.#previews.get(projectId)?.proxy?.isLive !== true) this.loadAnew(projectId);
  }

  /** What shows the app loads it anew. */
  loadAnew(projectId: string): void {
    const preview = this.#previews.get(projectId);
    if (!preview) return;
    preview.revision += 1;
    this.#show(projectId, preview, preview.state);
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
      revision: 0,
      retryMs: RETRY_FIRST_MS,
      patienceMs: PATIENCE_FIRST_MS,
      looking: Promise.resolve(NONE),
      looks: 0,
    };
    this.#previews.set(projectId, made);
    return made;
  }

  async #look(projectId: string, preview: Preview): Promise<PreviewState> {
    const { projects, events } = this.#options;
    if (this.#closed || !projects.has(projectId)) return NONE;
    const { state: seen, isSlow, mayChange } = await this.#see(projectId, preview);
    // Not before it is known: a page that is loading would miss some of its parts.
    if (seen.phase !== "up") delete preview.target;
    if (this.#show(projectId, preview, seen)) preview.retryMs = RETRY_FIRST_MS;
    preview.patienceMs = isSlow
      ? Math.min(preview.patienceMs * 2, PATIENCE_MOST_MS)
      : PATIENCE_FIRST_MS;
    if (mayChange && events.isWatched(projectId)) {
      preview.timer = setTimeout(() => void this.refresh(projectId), preview.retryMs);
      preview.timer.unref();
      preview.retryMs = Math.min(preview.retryMs * 2, RETRY_MOST_MS);
    }
    return preview.state;
  }

  // Whether it is another one than before, which everybody is told.
  #show(projectId: string, preview: Preview, seen: PreviewState): boolean {
    const before = JSON.stringify(preview.state);
    preview.state = { ...seen, revision: preview.revision };
    if (JSON.stringify(preview.state) === before) return false;
    this.#options.events.emit(projectId, { type: "preview", preview: preview.state });
    return true;
  }

  // Never rejects.
  async #see(projectId: string, preview: Preview): Promise<Sight> {
    const { projects, records, isAtWork } = this.#options;
    try {
      const { sandboxId } = projects.get(projectId);
      if (sandboxId === undefined) return { state: NONE, isSlow: false, mayChange: false };
      const sandbox = await sandboxAsItIs(sandboxId);
      const { phase, port: upAt } = preview.state;
      const sight = await seeApp({
        sandbox,
        background: records.ofSandbox(sandboxId).filter((each) => each.background),
        expectedPort: projects.previewPort(projectId),
        upAt: phase === "up" ? upAt : undefined,
        isAtWork: isAtWork(projectId),
        patienceMs: preview.patienceMs,
      });
      const { state } = sight;
      if (state.phase !== "up" || state.port === undefined) return sight;
      preview.target = sandbox.domain(state.port);
      preview.proxy ??= await PreviewProxy.open(() => preview.target, {
        onSilence: () => this.#lookUnlessLooking(projectId, preview),
      });
      return { ...sight, state: { ...state, url: preview.proxy.url } };
    } catch (error) {
      const state: PreviewState = { phase: "stopped", message: toStudioError(error).message };
      return { state, isSlow: false, mayChange: false };
    }
  }

  // A page that asks for many things at once finds out many times that its app is gone.
  #lookUnlessLooking(projectId: string, preview: Preview): void {
    if (preview.looks === 0) void this.refresh(projectId);
  }
}
