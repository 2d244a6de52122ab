import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { Sandbox } from "sandlot";
import { SandboxError } from "sandlot/contract";
import { readSettings } from "sandlot/host";
import { StartError } from "./start-error.ts";

type Settings = ReturnType<typeof readSettings>;

/** What the environment says about the engine. Throws a StartError where it is malformed, or its folder cannot be written. */
export function checkSettings(): Settings {
  const settings = readOrExplain();
  let place = settings.home;
  while (!existsSync(place)) place = dirname(place);
  try {
    // With the slash it must be a folder.
    accessSync(`${place}/`, constants.W_OK);
  } catch (cause) {
    throw new StartError(
      `The studio keeps projects in ${settings.home}, but ${place} is no folder that you can write to. Name a folder that is yours in SANDLOT_HOME.`,
      { cause },
    );
  }
  return settings;
}

/** Starts the daemon, so that the first sandbox does not have to wait for it. Never rejects: whoever asks for one is told. */
export async function warmEngine({ engine }: Settings): Promise<void> {
  if (engine.kind !== "daemon") return;
  try {
    await Sandbox.list({ limit: 1 });
  } catch {
    // No engine can be had here.
  }
}

function readOrExplain(): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (SandboxError.is(error)) throw new StartError(error.message, { cause: error });
    throw error;
  }
}
