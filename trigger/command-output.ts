import { streams } from "@trigger.dev/sdk";
import type { CommandRecord } from "sandlot/contract";

/** What a run of execute-command writes while it goes on. Read it with `readCommandOutput`, which knows when it ends. */
export const commandOutput = streams.define<CommandRecord>({ id: "command-output" });
