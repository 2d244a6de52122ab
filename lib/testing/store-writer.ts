import { writeSync } from "node:fs";
import { openSqliteStore } from "../backends/store/sqlite-store.ts";
import { aSandbox, aSession } from "./store-rows.ts";

// A process for tests that ends writers by SIGKILL, or runs several at once:
//   store-writer.ts <file> <prefix> [<how many>]
// Row n is a sandbox and its session, put in one transaction; without a number it never ends. Each
// row is acknowledged by a line with its number, written after the store has returned.

const [file = "", prefix = "", count = "Infinity"] = process.argv.slice(2);
const store = openSqliteStore({ file });
for (let index = 0; index < Number(count); index++) {
  const name = `${prefix}-${index}`;
  store.transaction(() => {
    store.sandboxes.put(aSandbox({ name, tags: { writer: prefix } }));
    store.sessions.put(aSession({ id: `sbx_${name}`, sandboxName: name }));
  });
  writeSync(1, `${index}\n`);
}
store.close();
