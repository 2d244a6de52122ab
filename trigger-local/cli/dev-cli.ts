import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { GuardOrder } from "./guard-order.ts";

export interface DevCliOptions extends GuardOrder {
  /** Where the CLI looks for settings and logins: not where the user's own are. */
  configFolder: string;
  apiUrl: string;
  accessToken: string;
  /** What the CLI and its workers get, besides what is theirs. */
  environment: NodeJS.ProcessEnv;
  /** Gets what the CLI says, in pieces. */
  onOutput: (text: string) => void;
}

export interface DevCli extends AsyncDisposable {
  /** Resolves when it has ended, however that came, and nothing of it is left. */
  readonly exited: Promise<void>;
}

/**
 * Starts the real `trigger dev`. Disposing of it ends it, its workers and what it leaves behind; so does the end of
 * this process, whatever that comes by.
 */
export function startDevCli(options: DevCliOptions): DevCli {
  const { configFolder, apiUrl, accessToken, environment, onOutput, ...order } = options;
  const guard = fileURLToPath(new URL("cli-guard.ts", import.meta.url));
  const child = spawn(process.execPath, [guard, JSON.stringify(order)], {
    env: {
      ...environment,
      XDG_CONFIG_HOME: configFolder,
      TRIGGER_API_URL: apiUrl,
      TRIGGER_ACCESS_TOKEN: accessToken,
      TRIGGER_TELEMETRY_DISABLED: "1",
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding("utf8").on("data", onOutput);
  }
  const exited = once(child, "exit").then(() => {});
  return {
    exited,
    async [Symbol.asyncDispose]() {
      child.stdin.destroy();
      await exited;
    },
  };
}
