import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "../contract/command.ts";
import type { Exit } from "./ports.ts";

/** What is recorded when a command ended and nobody is left who knows how. */
const LOST_EXIT_CODE = 255;

/** How a command ended, by what was recorded beside its output; `lost` when nothing was. */
export async function readExit(directory: string): Promise<Exit> {
  const text = await readFile(join(directory, "exit"), "utf8").catch(() => ""); // Absent: nobody recorded it.
  const exitCode = /^(\d+)\n$/.exec(text)?.[1];
  return exitCode === undefined
    ? { exitCode: LOST_EXIT_CODE, lost: true }
    : { exitCode: Number(exitCode) };
}

/** The record of a command that has ended. */
export function withExit(command: Command, { exitCode, lost }: Exit): Command {
  return { ...command, exitCode: lost ? LOST_EXIT_CODE : exitCode, ...(lost && { lost }) };
}
