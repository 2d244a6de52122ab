import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import type { StartBuildRequestInput, TemplateStep } from "../../contract/template.ts";
import { runToEnd } from "../../testing/in-sandbox.ts";
import { makeNamespaces, whyNoNamespaces } from "../../testing/namespaces-bench.ts";
import { sharedEngine } from "../../testing/shared-engine.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import type { Engine } from "../engine.ts";

// What takes users of the sandbox's own.

const unavailable = await whyNoNamespaces();

interface Packed {
  text?: string;
  mode?: number;
  link?: string;
}

async function tar(entries: Record<string, Packed>): Promise<Buffer> {
  const archive = pack();
  for (const [name, { text, mode = 0o644, link }] of Object.entries(entries)) {
    if (link !== undefined) archive.entry({ name, type: "symlink", linkname: link });
    else if (name.endsWith("/")) archive.entry({ name, type: "directory", mode: 0o755 });
    else archive.entry({ name, mode }, text ?? name);
  }
  archive.finalize();
  return buffer(archive);
}

const APP = {
  "src/": {},
  "src/main.js": { text: "main" },
  "src/deep/": {},
  "src/deep/tool": { text: "tool", mode: 0o755 },
  "src/latest": { link: "main.js" },
  "package.json": { text: "{}" },
  "..odd": { text: "odd" },
};

describe.skipIf(unavailable)(`steps${unavailable ? `, left out: ${unavailable}` : ""}`, () => {
  let engine: Engine;
  let number = 0;
  sharedEngine(
    (made) => void ({ engine } = made),
    async () => temporaryEngine({ makeIsolation: await makeNamespaces() }),
  );

  /** Builds, looks into a sandbox of it by one line for the shell, and gives what that said, with the log. */
  async function build(request: StartBuildRequestInput, line?: string) {
    const name = `template-${(number += 1)}`;
    const { template, build: made } = await engine.templates.create({ names: [name] });
    await engine.templates.putArchive(template.id, "app", Readable.from([await tar(APP)]));
    await engine.templates.startBuild(template.id, made.id, request);
    const built = await engine.templates.wait(template.id, made.id);
    const { logs } = await engine.templates.status(template.id, made.id);
    let seen = "";
    if (line !== undefined && built.status === "ready") {
      const { session } = await engine.sandboxes.create({ name, template: name });
      const { stdout, stderr } = await runToEnd(engine, session.id, "bash", ["-c", line]);
      seen = `${stdout}${stderr}`;
      await engine.sandboxes.delete(name);
    }
    return { built, seen: seen.trim().split("\n"), logs };
  }

  const copy = (source: string, destination: string, more: object = {}) =>
    ({ type: "copy", archive: { hash: "app" }, source, destination, ...more }) as TemplateStep;

  test("copy files and directories to where they are wanted, as theirs who asks", async () => {
    const { built, seen } = await build(
      {
        cwd: "/home/user",
        user: "user",
        steps: [
          copy("src", "app"),
          copy("src/*.js", "/srv/globbed/"),
          copy("package.json", "/srv/renamed.json", { user: "root", mode: 0o600 }),
          copy("package.json", "/srv/"),
          copy(".", "/srv/all"),
          copy("src/latest", "linked"),
        ],
      },
      `stat -c '%n %U:%G %a %F' app app/main.js app/deep/tool app/latest /srv/renamed.json /srv/package.json /srv/all/..odd
       readlink app/latest linked; cat app/deep/tool; ls /srv/globbed`,
    );
    expect(built).toMatchObject({ status: "ready", cwd: "/home/user", user: "user" });
    expect(seen).toEqual([
      "app user:user 755 directory",
      "app/main.js user:user 644 regular file",
      "app/deep/tool user:user 755 regular file",
      "app/latest user:user 777 symbolic link",
      "/srv/renamed.json root:root 600 regular file",
      "/srv/package.json user:user 644 regular file",
      "/srv/all/..odd user:user 644 regular file",
      "main.js",
      "main.js",
      "tooldeep",
      "latest",
      "main.js",
    ]);
  });

  test("say which of them copies nothing, or what is no archive", async () => {
    const { built } = await build({ steps: [copy("src", "a"), copy("none", "b")] });
    expect(built).toMatchObject({
      status: "error",
      error: { step: 1, message: "The archive holds nothing at none." },
    });
    const { template } = await engine.templates.create({ names: ["archives"] });
    const put = (hash: string, data: Buffer) =>
      engine.templates.putArchive(template.id, hash, Readable.from([data]));
    await expect(put("bad", Buffer.from("no tar at all"))).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(put("../bad", await tar(APP))).rejects.toMatchObject({ code: "invalid_request" });
    expect(await engine.templates.hasArchive(template.id, "bad")).toBe(false);
    // Links lead nowhere until all files are there.
    const hostile = await tar({ out: { link: "/etc" }, "out/passwd": { text: "mine" } });
    await put("hostile", hostile);
    const { build: made } = await engine.templates.create({ names: ["archives"] });
    const steps: TemplateStep[] = [
      { type: "copy", archive: { hash: "hostile" }, source: ".", destination: "/home/user/x" },
      { type: "run", command: "grep -q mine /etc/passwd && exit 9; cat /home/user/x/out/passwd" },
    ];
    await engine.templates.startBuild(template.id, made.id, { user: "user", steps });
    expect(await engine.templates.wait(template.id, made.id)).not.toMatchObject({
      error: { message: expect.stringContaining("exit code 9") },
    });
  });

  test("run as whom they say, and so do the sandbox's commands afterwards", async () => {
    const { built, seen } = await build(
      {
        user: "user",
        steps: [
          { type: "run", command: "id -un > /tmp/first" },
          { type: "run", command: "id -un > /root/second", user: "root" },
          { type: "user", user: "builder" },
          { type: "workdir", path: "/opt/builder" },
          { type: "run", command: "id -un > third && pwd" },
          { type: "user", user: "root" },
        ],
      },
      "id -un; pwd; cat /tmp/first /root/second /opt/builder/third; stat -c %U ~builder",
    );
    expect(built).toMatchObject({ status: "ready", user: "root" });
    expect(seen).toEqual(["root", "/opt/builder", "user", "root", "builder", "builder"]);
  });

  test("begin with the base in an image's place, and the log says what it has instead", async () => {
    const request: StartBuildRequestInput = {
      from: { image: "docker.io/library/python:3.12-slim" },
      steps: [
        { type: "workdir", path: "/srv/app" },
        { type: "env", variables: { PATH: "/srv/app:$PATH" } },
        {
          type: "run",
          command: "printf '#!/bin/sh\\necho own' > own && chmod +x own",
          user: "root",
        },
      ],
      startCommand: "pwd > /tmp/started",
      readyCommand: "test -s /tmp/started",
    };
    const { built, seen, logs } = await build(request, "own; node --version; cat /tmp/started");
    expect(built.status).toBe("ready");
    expect(logs[0]).toMatchObject({ level: "warn", message: expect.stringContaining("Python") });
    expect(logs[1]).toMatchObject({ level: "warn", step: "base" });
    expect(seen).toEqual(["own", process.version, "/srv/app"]);
    // The same again begins with what is there.
    const again = await build(request, "own");
    expect(again).toMatchObject({ built: { status: "ready" }, seen: ["own"] });
    expect(again.built.layers[0]).toBe(built.layers[0]);
  });
});
