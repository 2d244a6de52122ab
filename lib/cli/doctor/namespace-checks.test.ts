import { describe, expect, test } from "vitest";
import type { MachinePart } from "../../host/inspect-machine.ts";
import { namespaceChecks } from "./namespace-checks.ts";

const PARTS: MachinePart[] = [
  { name: "namespaces", worth: "needed", offered: false, detail: "forbidden", advice: "sudo a" },
  { name: "cgroups", worth: "wanted", offered: false, detail: "read-only", advice: "sudo b" },
  { name: "network", worth: "wanted", offered: true, detail: "by ip" },
  { name: "disk limit", worth: "extra", offered: false, detail: "none" },
];

describe("what a machine lacks", () => {
  test.each([
    { asked: "auto", levels: ["warn", "warn", "ok", "info"] },
    { asked: "namespaces", levels: ["fail", "warn", "ok", "info"] },
    { asked: "process", levels: ["info", "info", "ok", "info"] },
  ] as const)("weighs what it costs when $asked was asked for", ({ asked, levels }) => {
    const [, ...checks] = namespaceChecks({ parts: PARTS, used: undefined, asked });
    expect(checks.map(({ level }) => level)).toEqual(levels);
  });

  test("comes with the command that would add it", () => {
    const [, ...checks] = namespaceChecks({ parts: PARTS, used: "namespaces", asked: "auto" });
    expect(checks).toEqual([
      { name: "namespaces", level: "warn", detail: "forbidden", advice: "sudo a" },
      { name: "cgroups", level: "warn", detail: "read-only", advice: "sudo b" },
      { name: "network", level: "ok", detail: "by ip" },
      { name: "disk limit", level: "info", detail: "none" },
    ]);
  });
});

test.each([
  { used: "namespaces", asked: "auto", level: "ok", detail: "what is offered below" },
  {
    used: "process",
    asked: "auto",
    level: "info",
    detail: "nothing of what is below: isolation is `process`",
  },
  {
    used: "process",
    asked: "process",
    level: "info",
    detail: "nothing of what is below: SANDLOT_ISOLATION is process",
  },
  { used: undefined, asked: "auto", level: "info", detail: "nothing of what is below" },
] as const)("$used used, $asked asked for: it is said what is made use of", (the) => {
  const [use] = namespaceChecks({ parts: [], used: the.used, asked: the.asked });
  expect(use).toMatchObject({ name: "used", level: the.level, detail: the.detail });
});
