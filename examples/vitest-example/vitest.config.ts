import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // The code under test goes on importing the vendor's package; in tests it gets Sandlot.
    alias: { "@vercel/sandbox": "sandlot" },
  },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    // Only for a linked package, as here: vitest would take it for code under test, and the alias
    // would replace what Sandlot itself imports. Installed packages are external anyway.
    server: { deps: { external: [/\/lib\/dist\//] } },
  },
});
