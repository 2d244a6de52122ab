import { expect, test } from "vitest";
import { runProgram } from "../testing/run-program.ts";
import { addressOf } from "./local-names.ts";

test.each([
  ["api.e2b.localhost", "127.0.0.1"],
  ["3000-abc.E2B.LOCALHOST", "127.0.0.1"],
  ["x.localhost.", "127.0.0.1"],
  ["localhost", "localhost"],
  ["notlocalhost", "notlocalhost"],
  ["x.localhost.evil.example", "x.localhost.evil.example"],
  ["", ""],
])("takes %s for %s", (name, address) => {
  expect(addressOf(name)).toBe(address);
});

test("finds names below localhost for whatever connects, and leaves all others to the system", async () => {
  const names = new URL("./names.ts", import.meta.url).href;
  const source = `
    import { lookup, promises } from "node:dns";
    import { createServer } from "node:http";
    import { promisify } from "node:util";
    const server = createServer((request, response) => response.end(request.headers.host)).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const host = "3000-x.e2b.localhost:" + server.address().port;
    const fetched = await (await fetch("http://" + host)).text();
    server.closeAllConnections();
    server.close();
    console.log(JSON.stringify({
      fetched: fetched === host,
      promised: await promises.lookup("a.localhost"),
      promisified: await promisify(lookup)("a.localhost"),
      all: await promises.lookup("a.localhost", { all: true }),
      address: await promises.lookup("127.0.0.2"),
    }));`;
  const { stdout, stderr } = await runProgram([
    `--import=${names}`,
    "--input-type=module",
    "--eval",
    source,
  ]);
  expect({ stderr, ...(JSON.parse(stdout) as object) }).toEqual({
    stderr: "",
    fetched: true,
    promised: { address: "127.0.0.1", family: 4 },
    promisified: { address: "127.0.0.1", family: 4 },
    all: [{ address: "127.0.0.1", family: 4 }],
    address: { address: "127.0.0.2", family: 4 },
  });
});
