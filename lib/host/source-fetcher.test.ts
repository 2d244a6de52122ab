import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { sourceFetcher } from "./source-fetcher.ts";

async function site(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

test("fetches from the web, and follows where it is sent on", async () => {
  await using web = await site((request, response) => {
    if (request.url === "/old") response.writeHead(302, { location: "/new" }).end();
    else response.end("the archive");
  });
  expect(await text(await sourceFetcher().fetch(`${web.url}/old`))).toBe("the archive");
});

test("logs in with the address's user and password", async () => {
  await using web = await site(({ headers }, response) => void response.end(headers.authorization));
  const { host } = new URL(web.url);
  const source = await sourceFetcher().fetch(`http://me:p%40ss@${host}/a.tgz`);
  expect(await text(source)).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
});

test("fetches a file of this machine", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "a b.tar");
  await writeFile(path, "the archive");
  expect(await text(await sourceFetcher().fetch(pathToFileURL(path).href))).toBe("the archive");
});

test("says why a source cannot be fetched, without the secrets in its address", async () => {
  await using web = await site((_, response) => void response.writeHead(403).end());
  await using directory = await temporaryDirectory();
  const { host } = new URL(web.url);
  const cases = {
    [`http://user:secret@${host}/a.tgz?signature=secret`]: `The source http://${host}/a.tgz could not be fetched`,
    [`${web.url}/a.tgz?signature=secret`]: `The source ${web.url}/a.tgz could not be fetched: it answered with status 403.`,
    "http://127.0.0.1:1/a.tgz": "The source http://127.0.0.1:1/a.tgz could not be fetched:",
    [pathToFileURL(join(directory.path, "none")).href]: "ENOENT",
    [pathToFileURL(directory.path).href]: "it is not a regular file",
    "ftp://user:secret@host/a.tgz": "its address must begin with https:, http: or file:.",
    "no address": "its address must begin with https:, http: or file:.",
  };
  for (const [address, message] of Object.entries(cases)) {
    const error: unknown = await sourceFetcher()
      .fetch(address)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "source_failed",
      message: expect.stringContaining(message),
    });
    expect(String(error)).not.toContain("secret");
  }
});

test("stops when it is told to, with the caller's own reason", async () => {
  const asked = Promise.withResolvers<void>();
  await using web = await site(() => asked.resolve());
  const controller = new AbortController();
  const fetching = sourceFetcher().fetch(web.url, { signal: controller.signal });
  await asked.promise;
  controller.abort(new Error("no longer needed"));
  await expect(fetching).rejects.toThrow("no longer needed");
});
