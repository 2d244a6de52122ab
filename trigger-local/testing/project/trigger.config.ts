import { defineConfig } from "@trigger.dev/sdk";

export default defineConfig({
  project: "proj_local",
  runtime: "node-24",
  dirs: ["./trigger"],
  maxDuration: 300,
  processKeepAlive: true,
  retries: { enabledInDev: true },
});
