import { rm } from "node:fs/promises";
import { join } from "node:path";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { SANDBOX_USERS, SandboxUser } from "../../contract/sandbox-user.ts";
import type {
  BuildPlace,
  StartBuildRequest,
  TemplateBuild,
  TemplateStep,
} from "../../contract/template.ts";
import { newId } from "../../std/ids.ts";
import type { Clock, Isolation, Log, Store } from "../ports.ts";
import type { TemplateArchives } from "./template-archives.ts";
import { copyIntoBuild } from "./template-copy.ts";
import { untilReady } from "./template-launcher.ts";
import {
  asksFor,
  type BuildState,
  type PlannedStep,
  planSteps,
  recipeOf,
} from "./template-plan.ts";
import { type BuildCommand, BuildCommands, nameOf, type Say } from "./template-run.ts";
import { type BuildGround, Workshop } from "./template-workshop.ts";

export interface BuildTask {
  build: TemplateBuild;
  ground: BuildGround;
  request: StartBuildRequest;
  archives: TemplateArchives;
  say: Say;
  signal: AbortSignal;
}

export type BuiltParts = BuildState & Pick<TemplateBuild, "snapshotId" | "sizeBytes" | "layers">;

/** Says at which step a build failed; the message says how. */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";
  readonly step: BuildPlace;

  constructor(step: BuildPlace, message: string, options?: ErrorOptions) {
    super(message, options);
    this.step = step;
  }
}

export interface TemplateBuilderOptions {
  store: Pick<Store, "layers">;
  isolation: Isolation;
  clock: Clock;
  log: Log;
  /** For what only lives as long as a build. */
  scratch: string;
}

// What the base is, whatever image it stands in for.
const VERSIONS = `. /etc/os-release 2>/dev/null; echo "\${PRETTY_NAME:-an unknown system}"
for program in python3 node gcc; do
  if command -v $program >/dev/null; then echo "$program: $($program --version 2>&1 | head -n 1)"; fi
done`;

/** Runs builds: each step in a root of the engine's own, on top of what the steps before it have left. */
export class TemplateBuilder implements AsyncDisposable {
  readonly #options: TemplateBuilderOptions;
  readonly #commands: BuildCommands;

  constructor(options: TemplateBuilderOptions) {
    this.#options = options;
    const { clock, isolation, log, scratch } = options;
    const directory = join(scratch, "commands");
    this.#commands = new BuildCommands({ directory, clock, isolation, log });
  }

  /** Deletes what an engine left that died while it built. */
  async sweep(): Promise<void> {
    await rm(this.#options.scratch, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commands[Symbol.asyncDispose]();
  }

  /** Throws `BuildFailure`, or the signal's reason; then the layers that it made are nobody's. */
  async build(task: BuildTask): Promise<BuiltParts> {
    const workshop = new Workshop({ ...this.#options, ...task });
    try {
      const state = await this.#run(task, workshop);
      return { ...state, ...workshop.result };
    } finally {
      await workshop.clear();
    }
  }

  async #run(task: BuildTask, workshop: Workshop): Promise<BuildState> {
    const { ground, request, say, signal } = task;
    const known = await at("base", signal, () => this.#begin(task, workshop));
    const digests = new Map<string, string>();
    for (const step of request.steps) {
      if (step.type !== "copy") continue;
      const { hash } = step.archive;
      digests.set(hash, await task.archives.digest(hash));
    }
    const steps = planSteps(request.steps, { ...ground, known, digests });
    const cached = request.force ? -1 : await this.#takeOver(steps, workshop);
    for (const { index, step } of steps.slice(0, cached + 1)) {
      say({ level: "info", message: `${inWords(step)} (as in a build before)`, step: index });
    }
    for (const planned of steps.slice(cached + 1)) {
      await at(planned.index, signal, () => this.#step(planned, task, workshop));
    }
    const { after: state, recipe } = steps.at(-1) ?? { after: ground.state, recipe: ground.recipe };
    await at("finalize", signal, () => this.#finalize({ state, recipe }, task, workshop));
    return state;
  }

  /** Gives the variables that steps may speak of without having set them. */
  async #begin(
    { ground, request, say, signal }: BuildTask,
    workshop: Workshop,
  ): Promise<Record<string, string>> {
    const { state, standIn } = ground;
    const asOwn = { ...state, cwd: "/", user: workshop.user, signal };
    if (standIn !== undefined) {
      const message = `No image is pulled: the built-in base stands in for ${standIn}, with what this machine has.`;
      say({ level: "warn", message, step: "base" });
      const warn: Say = (line) => say({ ...line, level: "warn" });
      const root = await workshop.look();
      await this.#commands.run(root, { ...asOwn, line: VERSIONS }, warn, "base");
    }
    // Nobody else's deletion or expiry takes the files away.
    if (ground.isForeign) await workshop.keep(ground.recipe);
    const known: Record<string, string> = { HOME: SANDBOX_USERS[workshop.user].home };
    if (asksFor("PATH", request.steps) && state.env["PATH"] === undefined) {
      const told: string[] = [];
      const listen: Say = ({ message }) => void told.push(message);
      const line = 'printf "%s\\n" "$PATH"';
      await this.#commands.run(await workshop.look(), { ...asOwn, line }, listen);
      if (told[0] !== undefined) known["PATH"] = told[0];
    }
    return known;
  }

  /** Takes over as many steps as builds before did in the same way; gives the index of the last of them. */
  async #takeOver(steps: readonly PlannedStep[], workshop: Workshop): Promise<number> {
    let last = -1;
    for (const { index, step, isLayer, recipe } of steps) {
      if (step.force) break;
      if (!isLayer) continue;
      // The latest: a build that was forced made it anew.
      const layer = this.#options.store.layers.all({ equals: { recipe } }).at(-1);
      if (!layer) break;
      last = index;
      await workshop.takeOver(layer);
    }
    return last;
  }

  async #step(planned: PlannedStep, task: BuildTask, workshop: Workshop): Promise<void> {
    const { index, step, before, after, recipe } = planned;
    const { say, archives, signal } = task;
    say({ level: "info", message: inWords(step), step: index });
    switch (step.type) {
      case "env":
        return;
      case "workdir":
        return workshop.makeDirectory(after.cwd, before.user);
      case "user":
        return this.#makeUser(nameOf(step.user), { index, task, workshop });
      case "run": {
        const user = step.user ?? before.user;
        const command = { ...before, user, line: step.command, signal };
        await this.#must(command, { index, task, workshop });
        return workshop.keep(recipe);
      }
      case "copy": {
        const root = await workshop.change();
        const { hasUsers } = workshop;
        const scratch = join(this.#options.scratch, newId("copy"));
        await copyIntoBuild(step, { root, state: before, archives, hasUsers, scratch, signal });
        return workshop.keep(recipe);
      }
    }
  }

  async #makeUser(user: string, place: StepPlace): Promise<void> {
    if (user === "root" || SandboxUser.safeParse(user).success) return;
    const { users } = this.#options.isolation.features;
    if (!users.offered) {
      throw new SandboxError("unsupported", `Nothing can run as ${user}: ${users.reason}`);
    }
    const line = `id -u ${user} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash ${user}`;
    const { signal } = place.task;
    await this.#must({ env: {}, cwd: "/", user: "root", line, signal }, place);
  }

  async #must(command: BuildCommand, { index, task, workshop }: StepPlace): Promise<void> {
    const root = await workshop.change();
    const { exitCode } = await this.#commands.run(root, command, task.say, index);
    if (exitCode === 0) return;
    throw new BuildFailure(index, `The command ended with exit code ${exitCode}: ${command.line}`);
  }

  /** What the template starts in each session has run once, so that what it leaves is there. */
  async #finalize(
    { state, recipe }: { state: BuildState; recipe: string },
    { request, say, signal }: BuildTask,
    workshop: Workshop,
  ): Promise<void> {
    const { startCommand, readyCommand } = request;
    if (startCommand === undefined && readyCommand === undefined) {
      if (workshop.hasChanges) await workshop.keep(recipeOf(recipe, "end"));
      return;
    }
    const step = "finalize";
    const root = await workshop.change();
    if (startCommand !== undefined) {
      say({ level: "info", message: `Starting ${startCommand}`, step });
      await this.#commands.start(root, { ...state, line: startCommand, signal }, say, step);
    }
    if (readyCommand !== undefined) {
      say({ level: "info", message: `Waiting until ${readyCommand}`, step });
      const line = untilReady(readyCommand);
      const limitMs = LIMITS.templateReadyMs;
      const waiting = { ...state, line, limitMs, signal };
      const { exitCode } = await this.#commands.run(root, waiting, say, step);
      if (exitCode !== 0) {
        throw new BuildFailure(step, `The ready command did not succeed: ${readyCommand}`);
      }
    }
    await workshop.keep(recipeOf(recipe, { startCommand, readyCommand }));
  }
}

interface StepPlace {
  index: number;
  task: BuildTask;
  workshop: Workshop;
}

async function at<Result>(
  step: BuildPlace,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!SandboxError.is(error)) throw error;
    throw new BuildFailure(step, error.message, { cause: error });
  }
}

function inWords(step: TemplateStep): string {
  switch (step.type) {
    case "run":
      return `RUN ${step.command}`;
    case "env":
      return `ENV ${Object.keys(step.variables).join(" ")}`;
    case "workdir":
      return `WORKDIR ${step.path}`;
    case "user":
      return `USER ${step.user}`;
    case "copy":
      return `COPY ${step.source} ${step.destination}`;
  }
}
