import { useEffect, useState } from "react";
import { api } from "../lib/api.ts";
import { type AnsiLine, AnsiLines } from "./ansi-lines.ts";
import { readLogLines } from "./read-log-lines.ts";

/** A command's output as far as it has been read. */
export interface CommandOutput {
  lines: readonly AnsiLine[];
  /** How many lines there were before them: a page holds only so many. */
  dropped: number;
  /** How the reading goes. */
  state: "loading" | "live" | "ended" | "failed";
  error: unknown;
  /** Reads it again from its beginning. */
  retry: () => void;
}

export interface CommandOutputOptions {
  sandboxId: string;
  cmdId: string;
  /** Whether somebody looks at it: otherwise it is not followed, for a browser has few connections. */
  seen: boolean;
}

// Output comes in many small pieces; a screen shows sixty pictures a second at most.
const PAINT_MS = 60;

const NOTHING: Omit<CommandOutput, "retry"> = {
  lines: [],
  dropped: 0,
  state: "loading",
  error: undefined,
};

/**
 * Reads a command's output from its beginning, and follows it until the command ends or the reader leaves. Another
 * command needs another component (a `key`).
 */
export function useCommandOutput({ sandboxId, cmdId, seen }: CommandOutputOptions): CommandOutput {
  const [output, setOutput] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!seen) return undefined;
    const left = new AbortController();
    const lines = new AnsiLines();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (state: CommandOutput["state"], error?: unknown) => {
      clearTimeout(timer);
      timer = undefined;
      if (left.signal.aborted) return;
      setOutput({ lines: lines.lines, dropped: lines.dropped, state, error });
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

    read().catch((error: unknown) => show("failed", error));
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [sandboxId, cmdId, seen, attempt]);

  const retry = () => {
    setOutput(NOTHING);
    setAttempt((count) => count + 1);
  };
  return { ...output, retry };
}
