import { PROJECT_PORTS } from "../../../studio/contract/limits.ts";
import { darkModeEdits } from "../apps/bakery/dark-mode-edits.ts";
import { pageFile } from "../apps/bakery/page-file.ts";
import { serverFile } from "../apps/bakery/server-file.ts";
import { stylesFile } from "../apps/bakery/styles-file.ts";
import type { DemoHistory, DemoScript } from "../demo-script.ts";
import { createSandbox, edit, mustShow, serve, showAgain, write } from "./build-steps.ts";

const PORT = PROJECT_PORTS[0] ?? 3000;
const SERVER = "node server.mjs";

export function* buildStaticPage(history: DemoHistory, words: { intro: string }): DemoScript {
  yield* createSandbox(`${words.intro} First, a sandbox of its own for the bakery's page.`);
  yield* write("Now the page, its styles and a small server for them.", [
    pageFile,
    stylesFile,
    serverFile,
  ]);
  yield* serve("Nothing has to be installed, so the server can start.", SERVER, history);
  yield* mustShow("It runs. Here it is:", PORT);
  return "**Crumb & Ember** is open: a page with a menu, opening hours and the way there. It follows your system's light or dark mode and fits a phone.\n\nThe files are yours to edit. I know one further change by heart: a button that switches between light and dark.";
}

export function* addDarkModeButton(history: DemoHistory): DemoScript {
  yield* createSandbox("I add the button, which takes three small edits.");
  yield* edit("In the page and in its styles:", darkModeEdits);
  yield* showAgain("The server reads its files anew, so it is there already:", {
    port: PORT,
    command: SERVER,
    history,
  });
  return "There is a button in the top right corner now. It remembers what was chosen, and until then it follows your system.\n\nThat is all that this script can do for the bakery. The next change is yours, by hand or with a model.";
}
