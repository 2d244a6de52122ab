import { vi } from "vitest";
import { temporaryEngine } from "../../ai/testing/temporary-engine.ts";
import { Studio, type StudioOptions } from "../server/studio.ts";

/** A studio of its own, which is gone at the end with its folder, its engine and all sandboxes. */
export interface TemporaryStudio extends AsyncDisposable {
  studio: Studio;
  home: string;
  /** Opens the folder anew, as after a restart; without `close` as if the first had been killed. */
  reopen: (options?: { close: boolean }) => Promise<Studio>;
}

/** Opens a studio with an embedded engine in a folder of its own. Only one may be open in a process at a time. */
export async function temporaryStudio(
  startAgent: StudioOptions["startAgent"],
  { canRepair = async () => true }: Partial<Pick<StudioOptions, "canRepair">> = {},
): Promise<TemporaryStudio> {
  const engine = await temporaryEngine(vi);
  const { home } = engine;
  const options = { home, isCloud: false, startAgent, canRepair };
  const opened = [await Studio.open(options)];
  const temporary: TemporaryStudio = {
    studio: opened[0]!,
    home,
    async reopen({ close } = { close: true }) {
      if (close) await opened.pop()?.[Symbol.asyncDispose]();
      const studio = await Studio.open(options);
      opened.push(studio);
      temporary.studio = studio;
      return studio;
    },
    async [Symbol.asyncDispose]() {
      for (const studio of opened) await studio[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
  return temporary;
}
