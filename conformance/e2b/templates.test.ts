import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b, SDKS } from "./harness.ts";

const newName = () => `template-${randomUUID().slice(0, 8)}`;

forE2b(
  (e2b) => {
    proves("E2B-121", "E2B-122")("a template is built from its steps", async () => {
      const { Template } = e2b().sdk;
      await using folder = await temporaryDirectory();
      await mkdir(join(folder.path, "app"));
      await writeFile(join(folder.path, "app", "main.txt"), "main");
      await writeFile(join(folder.path, "single.txt"), "single");
      const name = newName();
      const lines: string[] = [];
      const template = Template({ fileContextPath: folder.path })
        .fromBaseImage()
        .setEnvs({ GREETING: "good day" })
        .setWorkdir("/srv/app")
        .copy("app", "/srv/app/")
        .copy("single.txt", "renamed.txt", { user: "root", mode: 0o600 })
        .runCmd("echo built > built.txt; echo to the log", { user: "root" })
        .setUser("user")
        .setStartCmd("sleep 600", "true");
      const built = await Template.build(template, name, {
        onBuildLogs: ({ message }) => lines.push(message),
      });
      expect(lines.join("\n")).toContain("to the log");
      expect(built).toMatchObject({
        name,
        templateId: expect.any(String),
        buildId: expect.any(String),
      });

      await using sandbox = await e2b().create({ template: name });
      const run = async (command: string) => (await sandbox.commands.run(command)).stdout.trim();
      expect(await run("pwd")).toBe("/srv/app");
      expect(await run("echo $GREETING")).toBe("good day");
      expect(await run("cat main.txt built.txt")).toBe("mainbuilt");
      expect(await run("sudo stat -c '%U %a' renamed.txt")).toBe("root 600");
      expect(await run("pgrep -fc '^sleep 600'")).toBe("1");
      const info = await sandbox.getInfo();
      expect([info.templateId, info.name]).toEqual([built.templateId, name]);
    });

    proves("E2B-123")("a build that fails says what failed", async () => {
      const { Template } = e2b().sdk;
      const lines: string[] = [];
      const broken = Template().fromBaseImage().runCmd("echo so far; exit 3");
      const failure = await rejection(
        Template.build(broken, newName(), { onBuildLogs: ({ message }) => lines.push(message) }),
      );
      expect(failure.constructor.name).toBe("BuildError");
      expect(failure.message).toContain("exit code 3");
      expect(lines.join("\n")).toContain("so far");
      const foreign = Template().fromImage("example.com/no/such:image");
      const refused = await rejection(Template.build(foreign, newName()));
      expect(refused.constructor.name).toBe("BuildError");
      expect(refused.message).toContain("example.com/no/such:image");
    });
  },
  { versions: Object.keys(SDKS) },
);

forE2b((e2b) => {
  proves("E2B-124", "E2B-125")(
    "builds have tags, and templates are a start for others",
    async () => {
      const { Template } = e2b().sdk;
      const name = newName();
      const build = (word: string, called: string) =>
        Template.build(Template().fromBaseImage().runCmd(`echo ${word} > word`), called);
      expect(await Template.exists(name)).toBe(false);
      const first = await build("one", `${name}:v1`);
      expect(await Template.exists(name)).toBe(true);
      const second = await build("two", name);
      expect(first.templateId).toBe(second.templateId);
      const word = async (template: string) => {
        await using sandbox = await e2b().create({ template });
        return (await sandbox.files.read("word")).trim();
      };
      expect([await word(`${name}:v1`), await word(name)]).toEqual(["one", "two"]);
      expect(await Template.assignTags(`${name}:v1`, ["stable", "old"])).toMatchObject({
        buildId: first.buildId,
      });
      const tags = await Template.getTags(first.templateId);
      expect(Object.fromEntries(tags.map(({ tag, buildId }) => [tag, buildId]))).toEqual({
        v1: first.buildId,
        default: second.buildId,
        stable: first.buildId,
        old: first.buildId,
      });
      await Template.removeTags(name, "old");
      expect((await Template.getTags(name)).map(({ tag }) => tag)).not.toContain("old");

      const child = newName();
      await Template.build(
        Template().fromTemplate(`${name}:stable`).runCmd("echo and more >> word"),
        child,
      );
      expect(await word(child)).toBe("one\nand more");

      const listed = (await (await e2b().call("/templates")).json()) as { templateID: string }[];
      expect(listed.find(({ templateID }) => templateID === first.templateId)).toMatchObject({
        names: [name],
        buildCount: 2,
        buildStatus: "ready",
      });
      expect(
        (await e2b().call(`/templates/${first.templateId}`, { method: "DELETE" })).status,
      ).toBe(204);
      expect(await Template.exists(name)).toBe(false);
      // What was built from it has what it needs.
      expect(await word(child)).toBe("one\nand more");
    },
  );
});
