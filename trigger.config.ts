import { execFile } from "node:child_process";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { BuildExtension } from "@trigger.dev/build";
import { aptGet } from "@trigger.dev/build/extensions/core";
import { defineConfig } from "@trigger.dev/sdk";

/** The CLI, the SDK and what is installed in the image are one version: the CLI refuses others. */
const TRIGGER_VERSION = "4.8.3";

/** Where the image has the library while its packages are installed. */
const PACKED = "/opt/sandlot";

/**
 * Puts the library of this checkout, as it would be published, into the image: it starts programs of its own by their
 * files, so it cannot be a part of the bundle, and the registry may not have this version.
 */
function checkedOutLibrary(): BuildExtension {
  return {
    name: "checked-out-library",
    async onBuildComplete(context, manifest) {
      if (context.target !== "deploy") return;
      const { stdout } = await promisify(execFile)(
        "npm",
        ["pack", "--silent", "--pack-destination", manifest.outputPath],
        { cwd: join(context.workingDir, "lib") },
      );
      const file = basename(stdout.trim());
      context.addLayer({
        id: "checked-out-library",
        // In the stage that all others are made from: there, before the packages are installed.
        image: { instructions: [`COPY ${file} ${PACKED}/${file}`] },
        // The library loads the SDK by its name when sandboxes are runs (SANDLOT_ENGINE=trigger).
        dependencies: { sandlot: `file:${PACKED}/${file}`, "@trigger.dev/sdk": TRIGGER_VERSION },
      });
    },
  };
}

export default defineConfig({
  // The local platform takes any; for the cloud and a server of one's own, the project's page shows it.
  project: process.env["TRIGGER_PROJECT_REF"] ?? "proj_sandlot",
  dirs: ["./trigger"],
  // The CLI's own pattern, and what only tests use.
  ignorePatterns: ["**/*.test.ts", "**/testing/**"],
  runtime: "node-24",
  // A new process takes about a second to be ready for a task, one that is kept a tenth of that.
  processKeepAlive: true,
  // Of tasks that do not say. Operations do.
  maxDuration: 3_600,
  retries: {
    // The same locally and deployed: a worker that dies is followed by another.
    enabledInDev: true,
    default: { maxAttempts: 3, minTimeoutInMs: 500, maxTimeoutInMs: 5_000, factor: 2 },
  },
  build: {
    external: ["sandlot"],
    extensions: [
      // What the engine uses where a run holds a sandbox: sources, namespaces, their users and networks.
      aptGet({ packages: ["git", "util-linux", "uidmap", "iproute2"] }),
      checkedOutLibrary(),
    ],
  },
});
