import { useEffect, useState } from "react";
import { api } from "../lib/api.ts";
import { type AnsiLine, AnsiLines } from "./ansi-lines.ts";
import { readLogLines } from "./read-log-lines.ts";

/** A command's output as far as it has been read. */
export interface CommandOutput {
  lines: readonly AnsiLine[];
  /** How the reading goes. */
  state: "loading" | "live" | "ended" | "failed";
  error: unknown;
  /** Reads it again from its beginning. */
  retry: () => void;
}

// Output comes in many small pieces; a screen shows sixty pictures a second at most.
const PAINT_MS = 60;

const NOTHING: Omit<CommandOutput, "retry"> = { lines: [], state: "loading", error: undefined };

/** Reads a command's output from its beginning, and follows it until the command ends or the reader leaves. */
export function useCommandOutput(sandboxId: string, cmdId: string): CommandOutput {
  const [output, setOutput] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const left = new AbortController();
    const lines = new AnsiLines();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (state: CommandOutput["state"], error?: unknown) => {
      clearTimeout(timer);
      timer = undefined;
      if (!left.signal.aborted) setOutput({ lines: [...lines.lines], state, error });
    };

    async function read(): Promise<void> {
      const response = await api.readLogs(sandboxId, cmdId, { signal: left.signal });
      show("live");
      for await (const { stream, data } of readLogLines(response)) {
        if (stream === "error") throw new Error(data);
        if (stream === "exit") continue;
        lines.append(data);
        timer ??= setTimeout(() => show("live"), PAINT_MS);
      }
      show("ended");
    }

    setOutput(NOTHING);
    read().catch((error: unknown) => show("failed", error));
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [sandboxId, cmdId, attempt]);

  return { ...output, retry: () => setAttempt((count) => count + 1) };
}
