import { spawnSync } from "node:child_process";
import { findBrowser } from "./find-browser.ts";

const PATIENCE_MS = 300_000;

/**
 * Before all browser tests: on a machine of Debian's kind that has no browser, tries to install one, as far as
 * that is allowed. Where it does not work, the tests are skipped and say so.
 */
export function setup(): void {
  if (findBrowser() || process.platform !== "linux" || process.getuid?.() !== 0) return;
  process.stdout.write("No browser was found; trying apt-get install chromium …\n");
  const { status, error } = spawnSync(
    "apt-get",
    ["install", "--yes", "--no-install-recommends", "chromium"],
    {
      stdio: "ignore",
      timeout: PATIENCE_MS,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    },
  );
  if (status !== 0) {
    process.stdout.write(
      `Chromium could not be installed (${error?.message ?? `apt-get ended with ${status}`}), so the browser tests are skipped. Install it yourself to run them.\n`,
    );
  }
}
