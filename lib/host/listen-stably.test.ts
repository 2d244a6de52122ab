import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { listenStably } from "./listen-stably.ts";

test("listens nowhere when it cannot write down where", async () => {
  await using directory = await temporaryDirectory();
  const server = createServer();
  const nowhere = listenStably(server, join(directory.path, "missing", "port"));
  await expect(nowhere).rejects.toMatchObject({ code: "ENOENT" });
  expect(server.listening).toBe(false);
});
