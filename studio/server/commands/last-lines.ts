import type { Sandbox } from "sandlot";
import { findCommand } from "../sandboxes/find-sandbox.ts";

/** The last lines that an ended command wrote. Empty when they cannot be had any more. */
export async function readLastLines(
  sandbox: Sandbox,
  cmdId: string,
  count: number,
): Promise<string[]> {
  try {
    const command = await findCommand(sandbox, cmdId);
    const output = await command.output("both");
    return output.trimEnd().split("\n").slice(-count);
  } catch {
    // It belongs to an earlier session of the sandbox: its output is not known under this one.
    return [];
  }
}
