import { StudioError } from "../../contract/errors.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import type { StudioMessage } from "../../contract/message.ts";
import type { AutoFixDecision, RuntimeProblem } from "../../contract/runtime-error.ts";
import { newId } from "../database/new-id.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import { fingerprint } from "./fingerprint.ts";

export interface AutoFixOptions {
  projects: ProjectStore;
  events: ProjectEvents;
  isRunning: (projectId: string) => boolean;
  /** Whether the model, or the one that is used when none was chosen, can look for the cause of an error. */
  canRepair: (modelId: string | undefined) => Promise<boolean>;
  /** Begins a turn with the studio's message. */
  ask: (projectId: string, message: StudioMessage) => Promise<void>;
}

/** What was asked of the model since the user's last message. */
interface Budget {
  used: number;
  known: Set<string>;
  /** Errors that came while the agent worked, and are looked at when it is done. */
  waiting: RuntimeProblem[];
}

type Reason = NonNullable<AutoFixDecision["reason"]>;

const MESSAGES: Record<Reason, string> = {
  off: "Automatic fixes are switched off in this project.",
  busy: "The agent is at work. What is still wrong when it is done is looked at then.",
  known: "The agent was told of this error already, and is not told again by itself.",
  budget: `The studio has asked for ${STUDIO_LIMITS.autoFixesPerTurn} fixes since your last message, which is the most. Write to the agent to go on.`,
  "no-model":
    "The demo is a script and cannot repair this. Connect a model and choose it below the message, or restore an earlier checkpoint.",
  "no-request": "Nothing was asked of the agent in this project yet.",
};

/**
 * Asks the project's model to fix errors of the app: a few times after each message of the user, never twice for the same
 * error, and not at all where it is switched off.
 */
export class AutoFix {
  readonly #options: AutoFixOptions;
  readonly #budgets = new Map<string, Budget>();

  constructor(options: AutoFixOptions) {
    this.#options = options;
  }

  /** Decides, tells everybody who has the project open, and begins a turn if it is to be fixed. */
  async report(projectId: string, problems: readonly RuntimeProblem[]): Promise<AutoFixDecision> {
    const { events } = this.#options;
    const decision = await this.#decide(projectId, problems);
    events.emit(projectId, { type: "auto-fix", decision });
    return decision;
  }

  /** The user wrote: errors count anew. */
  reset(projectId: string): void {
    this.#budgets.delete(projectId);
  }

  /** The agent is done: looks at what came meanwhile. After a stop by the user nothing is begun until he writes. */
  async turnEnded(projectId: string, { wasStopped }: { wasStopped: boolean }): Promise<void> {
    const budget = this.#budgetOf(projectId);
    const waiting = budget.waiting.splice(0);
    if (wasStopped) budget.used = STUDIO_LIMITS.autoFixesPerTurn;
    // What the browser saw of files half written shows itself again if it is still there.
    const left = waiting.filter(({ source }) => source === "command");
    if (left.length > 0 && this.#options.projects.has(projectId))
      await this.report(projectId, left);
  }

  async #decide(projectId: string, problems: readonly RuntimeProblem[]): Promise<AutoFixDecision> {
    const { projects, events, ask, isRunning, canRepair } = this.#options;
    // Before everything else: what follows is decided without a wait, so that two reports cannot both begin a turn.
    const isAble = await canRepair(projects.get(projectId).modelId);
    const { autoFix, turn } = projects.get(projectId);
    const budget = this.#budgetOf(projectId);
    if (!autoFix) return ignore("off", budget);
    if (!projects.messages(projectId).some(({ role }) => role === "user")) {
      return ignore("no-request", budget);
    }
    if (!isAble) return ignore("no-model", budget);
    const fresh = withoutDoubles(problems).filter((each) => !budget.known.has(fingerprint(each)));
    if (fresh.length === 0) return ignore("known", budget);
    if (isRunning(projectId) || turn.status !== "idle") {
      const room = STUDIO_LIMITS.errorsPerReport - budget.waiting.length;
      budget.waiting.push(...fresh.slice(0, Math.max(0, room)));
      return ignore("busy", budget);
    }
    if (budget.used >= STUDIO_LIMITS.autoFixesPerTurn) return ignore("budget", budget);
    budget.used += 1;
    for (const each of fresh) budget.known.add(fingerprint(each));
    const shown = fresh.slice(0, STUDIO_LIMITS.errorsPerReport);
    try {
      await ask(projectId, {
        id: newId(),
        role: "user",
        metadata: { createdAt: Date.now(), cause: "auto-fix" },
        parts: [{ type: "data-problems", data: { problems: shown } }],
      });
    } catch (error) {
      // Somebody else was quicker.
      if (error instanceof StudioError && error.code === "turn_running") {
        return ignore("busy", budget);
      }
      throw error;
    }
    events.emit(projectId, { type: "messages" });
    return {
      decision: "fix",
      message: `The agent was asked to fix ${shown.length === 1 ? "an error" : `${shown.length} errors`}.`,
      remaining: remaining(budget),
    };
  }

  #budgetOf(projectId: string): Budget {
    const known = this.#budgets.get(projectId);
    if (known) return known;
    const made: Budget = { used: 0, known: new Set(), waiting: [] };
    this.#budgets.set(projectId, made);
    return made;
  }
}

function ignore(reason: Reason, budget: Budget): AutoFixDecision {
  return { decision: "ignore", reason, message: MESSAGES[reason], remaining: remaining(budget) };
}

function remaining({ used }: Budget): number {
  return Math.max(0, STUDIO_LIMITS.autoFixesPerTurn - used);
}

function withoutDoubles(problems: readonly RuntimeProblem[]): RuntimeProblem[] {
  return [...new Map(problems.map((each) => [fingerprint(each), each])).values()];
}
