import { PROJECT_PORTS } from "../../../studio/contract/limits.ts";
import { dataFile } from "../apps/reading-list/data-file.ts";
import { pageFile, scriptFile } from "../apps/reading-list/page-files.ts";
import { serverFile } from "../apps/reading-list/server-file.ts";
import { stylesFile } from "../apps/reading-list/styles-file.ts";
import { unreadFilterEdits } from "../apps/reading-list/unread-filter-edits.ts";
import type { DemoHistory, DemoScript } from "../demo-script.ts";
import { createSandbox, edit, mustShow, run, serve, showAgain, write } from "./build-steps.ts";

const PORT = PROJECT_PORTS[0] ?? 3000;
const SERVER = "node server.mjs";
// Asked from inside, as a program would: the list is there, and bad input is refused.
const TRY_OUT = `curl -sS "http://localhost:\${PORT:-${PORT}}/api/books" && echo && curl -sS -X POST -H 'content-type: application/json' -d '{"title":""}' "http://localhost:\${PORT:-${PORT}}/api/books"`;

export function* buildNodeApi(history: DemoHistory, words: { intro: string }): DemoScript {
  yield* createSandbox(`${words.intro} First, a sandbox for the server.`);
  yield* write("The server with its API, some books to begin with, and the page.", [
    serverFile,
    dataFile,
    pageFile,
    scriptFile,
    stylesFile,
  ]);
  yield* run("Let me see that the server's code can be read at all.", "node --check server.mjs");
  yield* serve("It can. Start it:", SERVER, history);
  yield* mustShow("And open the page:", PORT);
  yield* run("One look at the API as a program sees it:", TRY_OUT);
  return "The **reading list** is up: `GET`, `POST`, `PATCH` and `DELETE` under `/api/books`, kept in `books.json`, and a page that uses them. Input that makes no sense gets a 400 that names the field.\n\nI know one further change by heart: to show the unread books only.";
}

export function* addUnreadFilter(history: DemoHistory): DemoScript {
  yield* createSandbox("A switch for the unread books: three edits, all on the page.");
  yield* edit("In the page, its script and its styles:", unreadFilterEdits);
  yield* showAgain("The server can stay as it is.", { port: PORT, command: SERVER, history });
  return "Above the list there is a switch now that leaves the books that you have not read.\n\nThat is all that this script can do for the reading list. The next change is yours, by hand or with a model.";
}
