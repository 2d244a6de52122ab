import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rewriteDomain } from "./rewrite-domain.ts";

const require = createRequire(import.meta.url);

function urlOf(route: string): string {
  return `(globalThis[Symbol.for("sandlot.routeUrl")]?.(${route}) ?? ${route}.url)`;
}

test.each([
  ["@vercel/sandbox", "session.js"],
  ["@vercel/sandbox", "session.cjs"],
  ["vercel-sandbox-1.10", "sandbox.js"],
  ["vercel-sandbox-1.10", "sandbox.cjs"],
  ["vercel-sandbox-0.0.17", "sandbox.js"],
])("finds the one place in %s, %s", (name, file) => {
  const source = readFileSync(join(dirname(require.resolve(name)), file));
  const before = source.toString("utf8");
  const expected = before.replace("`https://${route.subdomain}.vercel.run`", urlOf("route"));
  expect(expected).not.toBe(before);
  expect(rewriteDomain(source)).toBe(expected);
  expect(rewriteDomain(before)).toBe(expected);
});

test("takes bytes from the middle of a larger buffer", () => {
  const text = "x = `https://${a.b.subdomain}.vercel.run`;";
  const padded = new Uint8Array(Buffer.from(`[${text}]`));
  expect(rewriteDomain(padded.subarray(1, -1))).toBe(`x = ${urlOf("a.b")};`);
});

test("leaves words about the domain alone", () => {
  expect(rewriteDomain("// `https://subdomain.vercel.run`")).toBeUndefined();
  expect(rewriteDomain("`https://${f()}.vercel.run`")).toBeUndefined();
});

test("changes no text without the expression, and nothing around it", () => {
  const text = fc.string({ unit: "binary" }).filter((each) => !each.includes(".vercel.run"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(rewriteDomain(before)).toBeUndefined();
      const source = `${before}\n\`https://\${$1.subdomain}.vercel.run\`\n${after}`;
      expect(rewriteDomain(source)).toBe(`${before}\n${urlOf("$1")}\n${after}`);
    }),
  );
});
