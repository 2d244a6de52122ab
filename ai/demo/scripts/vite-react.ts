import { PROJECT_PORTS } from "../../../studio/contract/limits.ts";
import { projectFiles } from "../apps/habits/project-files.ts";
import { sourceFiles } from "../apps/habits/source-files.ts";
import { streakEdits } from "../apps/habits/streak-edits.ts";
import { stylesFile } from "../apps/habits/styles-file.ts";
import type { DemoHistory, DemoScript } from "../demo-script.ts";
import { createSandbox, edit, mustShow, run, serve, showAgain, write } from "./build-steps.ts";

const PORT = PROJECT_PORTS[0] ?? 3000;
const SERVER = "npm run dev";

export function* buildViteReact(history: DemoHistory, words: { intro: string }): DemoScript {
  yield* createSandbox(`${words.intro} First, a sandbox for the project.`);
  yield* write("The project: Vite's configuration, the components and the styles.", [
    ...projectFiles,
    ...sourceFiles,
    stylesFile,
  ]);
  yield* run(
    "Now the real packages, from npm. This takes the longest.",
    "npm install --no-fund --no-audit",
  );
  yield* serve("Vite's development server:", SERVER, history);
  yield* mustShow("And here is the app:", PORT);
  return "The **habit tracker** runs on Vite's development server: what you change in the files is in the preview at once. Habits are kept in the browser.\n\nI know one further change by heart: to show how many days in a row each habit was kept.";
}

export function* addStreaks(history: DemoHistory): DemoScript {
  yield* createSandbox("Streaks: one function, and a badge that shows it.");
  yield* edit("In the habits, in their row and in the styles:", streakEdits);
  yield* showAgain("Vite has put it into the page already.", {
    port: PORT,
    command: SERVER,
    history,
  });
  return "Each habit shows now how many days in a row you kept it; today counts as soon as it is ticked.\n\nThat is all that this script can do for the habit tracker. The next change is yours, by hand or with a model.";
}
