import { LogLine } from "@/studio/contract/command.ts";

/**
 * Reads NDJSON as it comes: everything that was kept, then live until the command ends. Leaving the loop, or the
 * response's own abort, ends the reading on the server, too. A line that is no LogLine is left out.
 */
export async function* readLogLines(response: Response): AsyncGenerator<LogLine, void, void> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { value, done } = await reader.read();
      const lines = (rest + (value ?? "")).split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) {
        if (line.trim() === "") continue;
        const parsed = LogLine.safeParse(JSON.parse(line));
        if (parsed.success) yield parsed.data;
      }
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}
