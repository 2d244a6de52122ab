import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { testedIsolations } from "./conformance/tested-isolations.ts";

/** Tests that change nothing of their process, such as its environment, that another file's tests would meet. */
const PURE =
  "lib/{contract,std,engine,faces/{e2b,daytona},backends/store,backends/clouds}/**/*.test.ts";

// As in tsconfig.json: Next resolves these itself.
const studioNames = {
  alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") },
};

const overAllOf = process.env["SANDLOT_CONFORMANCE"];
const overAllOfTrigger = overAllOf === "trigger";
const isolations = await testedIsolations();
const resultsFile = process.env["SANDLOT_TEST_RESULTS"];

export default defineConfig({
  test: {
    // Tests start, signal and wait for processes: each file has a process of its own, unless its project says that
    // files share one, which saves loading the same modules again and again.
    pool: "forks",
    // Nothing but what hangs takes as long, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Mostly for what another process does: on a busy machine the usual second is over before that.
    expect: { poll: { timeout: 10_000 } },
    // Tests run real processes; more at once than there are processors only makes them wait.
    maxWorkers: 2,
    reporters: resultsFile ? ["default", ["json", { outputFile: resultsFile }]] : ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "lib",
          include: ["{lib,scripts,bench}/**/*.test.ts"],
          exclude: ["**/dist/**", "**/node_modules/**", "scripts/start-studio.test.ts", PURE],
        },
      },
      {
        extends: true,
        test: {
          name: "lib-pure",
          include: [PURE],
          exclude: ["**/dist/**", "**/node_modules/**"],
          isolate: false,
        },
      },
      {
        extends: true,
        resolve: studioNames,
        test: {
          name: "studio",
          isolate: false,
          include: ["{ai,studio,components,app}/**/*.test.{ts,tsx}", "proxy.test.ts"],
          exclude: ["**/node_modules/**", "studio/browser/**"],
        },
      },
      {
        extends: true,
        resolve: studioNames,
        test: {
          name: "browser",
          include: ["studio/browser/*.test.ts", "scripts/start-studio.test.ts"],
          globalSetup: [
            "./studio/browser/testing/set-up-browser.ts",
            "./scripts/build-for-tests.ts",
          ],
          // Each starts a studio, a daemon and a browser.
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: "trigger",
          include: ["{trigger,trigger-local}/**/*.test.ts"],
          exclude: ["**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "conformance-trigger",
          // Each sandbox is a run, which takes its time: the gate takes a part, SANDLOT_CONFORMANCE=trigger all.
          include: overAllOfTrigger ? ["conformance/*.test.ts"] : ["conformance/commands.test.ts"],
          exclude: ["conformance/{gate,cross-face}.test.ts"],
          globalSetup: "./conformance/trigger/set-up.ts",
          // A file deletes all sandboxes that are on the platform.
          fileParallelism: !overAllOfTrigger,
          env: { SANDLOT_CONFORMANCE: "trigger", SANDLOT_ISOLATION: "process" },
        },
      },
      ...(isolations.includes("namespaces") ? (["e2b", "daytona"] as const) : []).map((cloud) => ({
        extends: true as const,
        test: {
          name: `conformance-cloud-${cloud}`,
          // Each call goes two rounds: the gate takes a part, SANDLOT_CONFORMANCE=e2b (or daytona) all.
          include:
            overAllOf === cloud ? ["conformance/*.test.ts"] : ["conformance/commands.test.ts"],
          exclude: ["conformance/{gate,cross-face}.test.ts"],
          globalSetup: "./conformance/cloud/set-up.ts",
          // A file deletes all sandboxes that are in the cloud.
          fileParallelism: overAllOf !== cloud,
          // Commands run by the guest's own means: what stands for the cloud has to keep its sandboxes apart.
          env: { SANDLOT_CONFORMANCE: cloud, SANDLOT_ISOLATION: "namespaces" },
        },
      })),
      // Every test of the contract with each isolation, and by each way to an engine: not with all pairs of them,
      // unless SANDLOT_CONFORMANCE=local asks for those.
      ...isolations.map((isolation, index) => ({
        extends: true as const,
        test: {
          name: `conformance-${isolation}`,
          isolate: false,
          include: ["conformance/*.test.ts"],
          env: {
            SANDLOT_ISOLATION: isolation,
            ...(isolations.length > 1 &&
              overAllOf !== "local" && {
                SANDLOT_CONFORMANCE: index === 0 ? "daemon" : "embedded",
              }),
          },
        },
      })),
      {
        extends: true,
        test: {
          // What is about the daemon, the ways in and other vendors takes long, and is the same with every isolation.
          name: "conformance-more",
          include: ["conformance/*/**/*.test.ts", "examples/*.test.ts"],
          env: {
            SANDLOT_ISOLATION: isolations[0] ?? "process",
            ...(overAllOf !== "local" && { SANDLOT_CONFORMANCE: "daemon" }),
          },
        },
      },
    ],
  },
});
