import { expect, test } from "vitest";
import * as z from "zod";
import { explainIssues } from "./explain-issues.ts";
import { Environment } from "./sandbox.ts";
import { CreateSecretRequest } from "./secret.ts";

function explained(schema: z.ZodType, input: unknown): string {
  const { error } = schema.safeParse(input);
  return explainIssues(error?.issues ?? [], input, "a request");
}

test("a mistake is told with its field, what was expected and what was given", () => {
  expect(explained(z.object({ size: z.int() }), { size: "ten" })).toBe(
    '`size`: expected number; given was "ten".',
  );
  expect(explained(z.object({ size: z.int() }), {})).toBe(
    "`size`: expected number; it is missing.",
  );
});

test("what may be a secret is not repeated", () => {
  const told = explained(CreateSecretRequest, { name: "key", value: "sk-secret\n" });
  expect(told).toMatch(/^`value`: a secret's value holds no line break/);
  expect(told).toContain("given was a text of 10 characters");
  for (const field of ["env", "envs", "envVars"]) {
    const variables = z.object({ [field]: Environment });
    for (const value of ["sk-secret\0", 4711]) {
      expect(explained(variables, { [field]: { KEY: value } })).not.toMatch(/secret|4711/);
    }
  }
});
