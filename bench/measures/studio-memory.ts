import { setTimeout as wait } from "node:timers/promises";
import { openBrowser } from "../../studio/browser/testing/open-browser.ts";
import { startStudio } from "../../studio/browser/testing/start-studio.ts";
import { StudioPage } from "../../studio/browser/testing/studio-page.ts";
import { megabytes, type Measure } from "../measure.ts";
import { memoryShareOf } from "../memory-share.ts";
import { processorMs } from "../processor-time.ts";
import { LEAST_SERVER, startServer } from "../raw-server.ts";

// What a page asks for as it opens is answered by then, and what was made meanwhile is collected.
const SETTLED_MS = 5_000;

/** What the studio costs that nobody uses, and the one that a person looks at; without the daemon, which has rows of its own. */
export const studioMemory: Measure = {
  name: "studio-memory",
  async run({ directory, quick }) {
    await using server = await startServer(LEAST_SERVER, { cwd: await directory() });
    await server.page();
    const raw = (await memoryShareOf(server.pid)).bytes;
    await using running = await startStudio();
    await wait(SETTLED_MS);
    const idle = await memoryShareOf(running.pid);
    await using browser = await openBrowser();
    const { page } = await browser.open(running.url);
    await new StudioPage(page).build("static-page");
    await wait(SETTLED_MS);
    const open = await memoryShareOf(running.pid);
    const seconds = quick ? 2 : 10;
    const used = await processorMs(running.pid);
    await wait(seconds * 1_000);
    const perSecond = ((await processorMs(running.pid)) - used) / seconds;
    return [
      {
        what: "studio: memory of all its processes (PSS)",
        baseline: `the least Node server: ${megabytes(raw)}`,
        goal: "–",
        result: `${megabytes(idle.bytes)} idle; ${megabytes(open.bytes)} with a project open, whose page at rest takes ${perSecond.toFixed(1)} ms of a processor per second`,
        numbers: {
          raw,
          idle: idle.bytes,
          open: open.bytes,
          processes: open.processes,
          processorMsPerSecond: perSecond,
        },
      },
    ];
  },
};
