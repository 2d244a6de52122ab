import type { Sandbox } from "sandlot";
import { findEarlierCommand } from "../sandboxes/find-sandbox.ts";

/** The last lines that an ended command wrote. Empty when they cannot be had any more. */
export async function readLastLines(
  sandbox: Sandbox,
  cmdId: string,
  count: number,
): Promise<string[]> {
  try {
    const command = await findEarlierCommand(sandbox, cmdId);
    const output = await command.output("both");
    return output.trimEnd().split("\n").slice(-count);
  } catch {
    // The sandbox went meanwhile, or the engine no longer knows the command.
    return [];
  }
}
