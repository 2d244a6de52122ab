import type { CommandSummary } from "@/studio/contract/command.ts";
import { api } from "../lib/api.ts";
import { saveFile } from "../lib/save-file.ts";
import { type AnsiLine, AnsiLines } from "./ansi-lines.ts";
import { readLogLines } from "./read-log-lines.ts";

export interface ShownOutput {
  sandboxId: string;
  command: CommandSummary;
  lines: readonly AnsiLine[];
  dropped: number;
}

/**
 * Gives the user a command's output as a text without colours: what is shown or, where the page does not hold all of
 * an ended command's, all of it.
 */
export async function saveOutput({
  sandboxId,
  command,
  lines,
  dropped,
}: ShownOutput): Promise<void> {
  const { cmdId, exitCode } = command;
  const pieces =
    dropped > 0 && exitCode !== null ? await readAll(sandboxId, cmdId) : [textOf(lines)];
  saveFile(`${cmdId}.log`, new Blob(pieces));
}

async function readAll(sandboxId: string, cmdId: string): Promise<string[]> {
  const pieces: string[] = [];
  const lines = new AnsiLines();
  for await (const { stream, data } of readLogLines(await api.readLogs(sandboxId, cmdId))) {
    if (stream === "error") throw new Error(data);
    if (stream === "exit") continue;
    lines.append(data);
    pieces.push(lines.take());
  }
  return [...pieces, textOf(lines.lines)];
}

function textOf(lines: readonly AnsiLine[]): string {
  return lines.map(({ text }) => text).join("\n");
}
