import { createHash } from "node:crypto";
import type { TemplateStep } from "../../contract/template.ts";
import { resolvePath } from "../resolve-path.ts";

/** What steps set for those that follow them. */
export interface BuildState {
  env: Record<string, string>;
  cwd: string;
  user: string;
}

/** One step with what it begins with, what it leaves, and what all up to it amounts to. */
export interface PlannedStep {
  index: number;
  step: TemplateStep;
  before: BuildState;
  after: BuildState;
  /** Two builds whose steps have the same recipe have the same files after them. */
  recipe: string;
  /** Whether its files are kept by themselves, for builds that begin in the same way. */
  isLayer: boolean;
}

const VARIABLE = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/**
 * What the steps do one after the other. Nothing runs, nothing is looked up. In variables and paths, `$NAME`
 * stands for a variable of the steps before or of `known`; of any other it stays as it is.
 */
export function planSteps(
  steps: readonly TemplateStep[],
  base: {
    state: BuildState;
    recipe: string;
    known: Readonly<Record<string, string>>;
    /** What is in the archives, by what the steps call them. */
    digests: ReadonlyMap<string, string>;
  },
): PlannedStep[] {
  let { state, recipe } = base;
  return steps.map((given, index) => {
    const before = state;
    const step = expandedStep(given, { ...base.known, ...before.env });
    const after = afterStep(before, step);
    const { force: _force, ...told } = step;
    const content = step.type === "copy" && { archive: base.digests.get(step.archive.hash) };
    recipe = recipeOf(recipe, { told: { ...told, ...content }, before });
    state = after;
    return { index, step, before, after, recipe, isLayer: isLayer(step) };
  });
}

/** Whether some step speaks of a variable that no step before it has set. */
export function asksFor(name: string, steps: readonly TemplateStep[]): boolean {
  return steps.some(
    (step) =>
      step.type === "env" &&
      Object.values(step.variables).some((value) =>
        [...value.matchAll(VARIABLE)].some(([, one, other]) => (one ?? other) === name),
      ),
  );
}

/** A step's own recipe on top of another. */
export function recipeOf(below: string, step: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([below, step], sorted))
    .digest("hex");
}

function expandedStep(step: TemplateStep, env: Readonly<Record<string, string>>): TemplateStep {
  switch (step.type) {
    case "env": {
      const variables = Object.entries(step.variables).map(
        ([name, value]) => [name, expand(value, env)] as const,
      );
      return { ...step, variables: Object.fromEntries(variables) };
    }
    case "workdir":
      return { ...step, path: expand(step.path, env) };
    case "copy":
      return { ...step, destination: expand(step.destination, env) };
    case "run":
    case "user":
      return step;
  }
}

function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (whole, one: string | undefined, other: string | undefined) => {
    const name = one ?? other ?? "";
    return Object.hasOwn(env, name) ? (env[name] ?? whole) : whole;
  });
}

function afterStep(state: BuildState, step: TemplateStep): BuildState {
  switch (step.type) {
    case "env":
      return { ...state, env: { ...state.env, ...step.variables } };
    case "workdir":
      return { ...state, cwd: resolvePath(state.cwd, step.path) };
    case "user":
      return { ...state, user: step.user };
    case "run":
    case "copy":
      return state;
  }
}

function isLayer({ type }: TemplateStep): boolean {
  return type === "run" || type === "copy";
}

// The order in which somebody wrote variables down changes nothing.
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
