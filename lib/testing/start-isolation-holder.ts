import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const Held = z.object({
  root: z.json(),
  commands: z.array(z.object({ handle: z.json(), directory: z.string() })),
});

/** A process of its own that started commands with `process` isolation, one per shell line. */
export interface IsolationHolder extends z.output<typeof Held> {
  /** As `kill -9` would; returns when it is gone. */
  kill(): Promise<void>;
  /** How it ended by itself. */
  readonly exited: Promise<number | null>;
}

export async function startIsolationHolder(
  directory: string,
  lines: string[],
  { letGo = false }: { letGo?: boolean } = {},
): Promise<IsolationHolder> {
  const program = fileURLToPath(new URL("isolation-holder.ts", import.meta.url));
  const child = spawn(process.execPath, [program, directory, letGo ? "let-go" : "hold", ...lines], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]): number | null => code);
  let text = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.endsWith("\n")) break;
  }
  return {
    ...Held.parse(JSON.parse(text)),
    exited,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
