import { expect, test } from "vitest";
import { isSameSecret } from "./same-secret.ts";

test.each([
  ["secret", true],
  ["Secret", false],
  ["secre", false],
  ["secret ", false],
  ["sécret", false],
  ["", false],
  [null, false],
  [undefined, false],
])("%j is the secret: %j", (given, is) => {
  expect(isSameSecret(given, "secret")).toBe(is);
});
