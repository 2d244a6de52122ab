import { expect, test } from "vitest";
import type { TemplateStep } from "../../contract/template.ts";
import { asksFor, planSteps } from "./template-plan.ts";

const base = {
  state: { env: {}, cwd: "/home/user", user: "user" },
  recipe: "bottom",
  known: { HOME: "/home/user", PATH: "/bin" },
  digests: new Map([
    ["x", "0"],
    ["same", "0"],
    ["y", "1"],
  ]),
};
const plan = (...steps: TemplateStep[]) => planSteps(steps, base);
const recipeOf = (...steps: TemplateStep[]) => plan(...steps).at(-1)!.recipe;
const run = (command: string, more: object = {}): TemplateStep => ({
  type: "run",
  command,
  ...more,
});
const env = (variables: Record<string, string>): TemplateStep => ({ type: "env", variables });

test("each step begins with what the steps before it have set", () => {
  const planned = plan(
    env({ A: "1" }),
    { type: "workdir", path: "app" },
    { type: "user", user: "root" },
    run("make"),
  );
  expect(planned.map(({ before, isLayer }) => ({ ...before, isLayer }))).toEqual([
    { env: {}, cwd: "/home/user", user: "user", isLayer: false },
    { env: { A: "1" }, cwd: "/home/user", user: "user", isLayer: false },
    { env: { A: "1" }, cwd: "/home/user/app", user: "user", isLayer: false },
    { env: { A: "1" }, cwd: "/home/user/app", user: "root", isLayer: true },
  ]);
});

test("variables that are known stand in variables and paths, others stay as they were written", () => {
  const planned = plan(
    env({ ROOT: "/srv", PATH: "/opt:$PATH", OTHER: "$NOBODY ${ROOT} $5 $" }),
    { type: "workdir", path: "$ROOT/app" },
    { type: "copy", archive: { hash: "x" }, source: "$ROOT", destination: "${HOME}/x" },
    run("echo $ROOT"),
  );
  expect(planned.at(-1)?.before).toMatchObject({
    // One step does not see what it sets itself.
    env: { ROOT: "/srv", PATH: "/opt:/bin", OTHER: "$NOBODY ${ROOT} $5 $" },
    cwd: "/srv/app",
  });
  expect(planned[2]?.step).toMatchObject({ source: "$ROOT", destination: "/home/user/x" });
  expect(planned[3]?.step).toEqual(run("echo $ROOT"));
  expect([asksFor("PATH", [env({ A: "${PATH}" })]), asksFor("PATH", [run("$PATH")])]).toEqual([
    true,
    false,
  ]);
});

test("a recipe is the same for the same steps, however they are written", () => {
  expect(recipeOf(env({ A: "1", B: "2" }), run("make"))).toBe(
    recipeOf(env({ B: "2", A: "1" }), run("make", { force: true })),
  );
  const copy = { type: "copy", source: ".", destination: "y" } as const;
  expect(recipeOf({ ...copy, archive: { hash: "x" } })).toBe(
    recipeOf({ ...copy, archive: { hash: "same" } }),
  );
});

test("whatever makes a difference makes another recipe", () => {
  const copy = { type: "copy", archive: { hash: "x" }, source: ".", destination: "y" } as const;
  const recipes = [
    recipeOf(run("make")),
    recipeOf(run("make all")),
    recipeOf(run("make", { user: "root" })),
    recipeOf(run("make"), run("make")),
    recipeOf(env({ A: "1" }), run("make")),
    recipeOf(env({ A: "2" }), run("make")),
    recipeOf({ type: "user", user: "root" }, run("make")),
    recipeOf({ type: "workdir", path: "/" }, run("make")),
    recipeOf(copy),
    recipeOf({ ...copy, archive: { hash: "y" } }),
    recipeOf({ ...copy, user: "root" }),
    recipeOf({ ...copy, mode: 0o600 }),
    recipeOf({ ...copy, destination: "z" }),
    planSteps([run("make")], { ...base, recipe: "other" })[0]!.recipe,
  ];
  expect(new Set(recipes).size).toBe(recipes.length);
});
