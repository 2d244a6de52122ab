import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readText, runToEnd } from "../testing/in-sandbox.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";
import { repositoryName, splitCredentials } from "./sources.ts";

const run = promisify(execFile);

async function temporaryRepository() {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "project.git");
  await mkdir(path);
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: path });
  await git("init", "--quiet", "--initial-branch=main");
  await git("config", "uploadpack.allowAnySHA1InWant", "true");
  for (const text of ["one", "two", "three"]) {
    await writeFile(join(path, "file.txt"), text);
    await git("add", ".");
    await git("commit", "--quiet", "-m", text);
  }
  await git("tag", "v1", "HEAD~1");
  const first = (await git("rev-parse", "HEAD~2")).stdout.trim();
  return {
    url: pathToFileURL(path).href,
    first,
    [Symbol.asyncDispose]: directory[Symbol.asyncDispose].bind(directory),
  };
}

describe("a git source", () => {
  test("is cloned into a directory of the repository's name", async () => {
    await using repository = await temporaryRepository();
    await using fixture = await temporaryEngine();
    const { session } = await fixture.engine.sandboxes.create({
      source: { type: "git", url: repository.url, depth: 1 },
    });
    expect(await readText(fixture.engine, session.id, "project/file.txt")).toBe("three");
    const log = await runToEnd(fixture.engine, session.id, "git", [
      "-C",
      "project",
      "rev-list",
      "--count",
      "HEAD",
    ]);
    expect(log.stdout).toBe("1\n");
  });

  test("takes a branch, a tag or a commit", async () => {
    await using repository = await temporaryRepository();
    await using fixture = await temporaryEngine();
    for (const [revision, text] of [
      ["main", "three"],
      ["v1", "two"],
      [repository.first, "one"],
    ] as const) {
      const { session } = await fixture.engine.sandboxes.create({
        source: { type: "git", url: repository.url, revision },
      });
      expect(await readText(fixture.engine, session.id, "project/file.txt")).toBe(text);
    }
  });

  test("that fails says what git said", async () => {
    await using repository = await temporaryRepository();
    await using fixture = await temporaryEngine();
    const create = fixture.engine.sandboxes.create({
      source: { type: "git", url: repository.url, revision: "nowhere" },
    });
    await expect(create).rejects.toMatchObject({ code: "source_failed" });
    await expect(create).rejects.toThrow(/nowhere/);
  });

  test("sends credentials to the server and leaves them nowhere", async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    await using fixture = await temporaryEngine();
    const { port } = server.address() as AddressInfo;
    const failed = await fixture.engine.sandboxes
      .create({ source: { type: "git", url: `http://name:s3cret@127.0.0.1:${port}/x.git` } })
      .catch((error: unknown) => error);
    server.close();
    expect(seen[0]).toBe(`Basic ${Buffer.from("name:s3cret").toString("base64")}`);
    expect(String(failed)).toContain("127.0.0.1");
    expect(String(failed)).not.toContain("s3cret");
    expect(fixture.parts.log.lines.join("\n")).not.toContain("s3cret");
  });

  test.each([
    ["https://github.com/vercel/next.js.git", "next.js"],
    ["git@github.com:vercel/next.js.git", "next.js"],
    ["https://example.com/a/b/", "b"],
    ["https://example.com/a/b?x=1#y", "b"],
  ])("names the directory of %s %s", (url, name) => {
    expect(repositoryName(url)).toBe(name);
  });

  test("given credentials win over those in the address", () => {
    const { url, authorization } = splitCredentials({
      url: "https://a:b@example.com/r.git",
      username: "c",
      password: "d",
    });
    expect(url).toBe("https://example.com/r.git");
    expect(authorization).toBe(`Authorization: Basic ${Buffer.from("c:d").toString("base64")}`);
  });
});

describe("a tarball source", () => {
  test.each(["-cf", "-czf", "-cjf"])(
    "packed by tar %s is unpacked, with its links",
    async (flag) => {
      await using directory = await temporaryDirectory();
      const content = join(directory.path, "content");
      await mkdir(content);
      await writeFile(join(content, "a.txt"), "packed", { mode: 0o755 });
      await symlink("a.txt", join(content, "link.txt"));
      const archive = join(directory.path, "a.tar");
      await run("tar", [flag, archive, "-C", content, "."]);
      await using fixture = await temporaryEngine();
      const { session } = await fixture.engine.sandboxes.create({
        source: { type: "tarball", url: pathToFileURL(archive).href },
      });
      expect(await readText(fixture.engine, session.id, "link.txt")).toBe("packed");
      const listed = await runToEnd(fixture.engine, session.id, "test", ["-x", "a.txt"]);
      expect(listed.exitCode).toBe(0);
    },
  );

  test("that is no archive fails with tar's words and leaves nothing", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "a.tar");
    await writeFile(file, "this is not an archive".repeat(100));
    await using fixture = await temporaryEngine();
    await expect(
      fixture.engine.sandboxes.create({
        name: "bad",
        source: { type: "tarball", url: pathToFileURL(file).href },
      }),
    ).rejects.toMatchObject({ code: "source_failed" });
    expect(fixture.parts.store.sandboxes.all()).toEqual([]);
  });
});
