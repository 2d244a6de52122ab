import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // The code under test goes on importing the vendor's package; in tests it gets Sandlot.
    alias: { "@vercel/sandbox": "sandlot" },
  },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
  },
});
