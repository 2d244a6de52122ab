import { join } from "node:path";
import { storeSuite } from "../../testing/store-suite.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { openSqliteStore } from "./sqlite-store.ts";

storeSuite("the SQLite store", async () => {
  const directory = await temporaryDirectory();
  const store = openSqliteStore({ file: join(directory.path, "state.db") });
  return {
    store,
    async [Symbol.asyncDispose]() {
      store.close();
      await directory[Symbol.asyncDispose]();
    },
  };
});
