import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // The machines that run this have two cores.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "lib", include: ["lib/**/*.test.ts", "scripts/**/*.test.ts"], exclude: ["lib/dist/**", "**/node_modules/**"] } },
      { extends: true, test: { name: "conformance", include: ["conformance/**/*.test.ts", "examples/*.test.ts"], testTimeout: 60_000 } },
    ],
  },
});
