import { expect, test } from "vitest";
import { rewriteImports } from "./rewrite-imports.ts";

test.each([
  ["nothing to do", "const x = 1;", "const x = 1;"],
  [
    "a default",
    'import fs from "node:fs";',
    'const { default: fs } = await __sandlotImport("node:fs");',
  ],
  ["names", "import { a, b as c } from 'x'", 'const { a, b: c } = await __sandlotImport("x");'],
  ["both", 'import d, { a } from "x";', 'const { default: d, a } = await __sandlotImport("x");'],
  ["everything", 'import * as all from "x";', 'const all = await __sandlotImport("x");'],
  [
    "a default and everything",
    'import d, * as all from "x";',
    'const all = await __sandlotImport("x"); const { default: d } = all;',
  ],
  ["for its effects", 'import "x";', 'await __sandlotImport("x");'],
  ["a call", 'const x = await import("x");', 'const x = await __sandlotImport("x");'],
  [
    "with attributes",
    'import data from "./a.json" with { type: "json" };',
    'const { default: data } = await __sandlotImport("./a.json", { with: { type: "json" } });',
  ],
  [
    "several lines, which stay as many",
    'import {\n  a,\n  b,\n} from "x";\na;',
    'const { a, b } = await __sandlotImport("x");\n\n\n\na;',
  ],
  ["import.meta", "import.meta.url", "import.meta.url"],
  ["a property", 'a.import("x"); reimport("x")', 'a.import("x"); reimport("x")'],
  [
    "texts",
    `"import('x')" + 'import "y"' + \`import('z')\``,
    `"import('x')" + 'import "y"' + \`import('z')\``,
  ],
  ["comments", "// import('x')\n/* import('y') */", "// import('x')\n/* import('y') */"],
  [
    "a regular expression",
    `/["]import\\(/.test(import("x"))`,
    `/["]import\\(/.test(__sandlotImport("x"))`,
  ],
  ["a division", `a / 2; import("x") / 3`, `a / 2; __sandlotImport("x") / 3`],
  [
    "a template with braces",
    "`${`}` + '}'}` + import('x')",
    "`${`}` + '}'}` + __sandlotImport('x')",
  ],
])("%s", (_title, code, expected) => {
  expect(rewriteImports(code)).toBe(expected);
});
