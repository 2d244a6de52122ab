import { Image } from "@daytona/sdk";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { ISOLATION } from "../isolation.ts";
import { proves } from "../proves.ts";
import { forDaytona } from "./harness.ts";

forDaytona((daytona) => {
  proves("DAY-090")("volumes keep their files", async () => {
    const { volume } = daytona().client;
    const made = await volume.create("shared-data");
    expect(made).toMatchObject({ name: "shared-data", state: "ready", organizationId: "local" });
    expect(await volume.get("shared-data")).toEqual(made);
    expect((await volume.list()).map(({ id }) => id)).toContain(made.id);
    expect((await rejection(volume.create("shared-data"))).name).toBe("DaytonaConflictError");
    expect((await rejection(volume.get("none"))).name).toBe("DaytonaNotFoundError");
    const volumes = [{ volumeId: made.id, mountPath: "/home/daytona/data" }];
    {
      await using first = await daytona().create({ volumes });
      expect(first.volumes).toEqual(volumes);
      await first.process.executeCommand("echo kept > data/file");
      expect((await rejection(volume.delete(made))).name).toBe("DaytonaConflictError");
    }
    await using second = await daytona().create({ volumes });
    expect((await second.process.executeCommand("cat data/file")).result).toBe("kept\n");
    await second.stop();
    await volume.delete(made);
    expect((await rejection(volume.get("shared-data"))).name).toBe("DaytonaNotFoundError");
    expect((await volume.get("made-by-get", true)).name).toBe("made-by-get");
  });

  proves(
    "DAY-091",
    "DAY-092",
    "DAY-035",
  )("a snapshot is built from a Dockerfile", async () => {
    const { snapshot } = daytona().client;
    const logs: string[] = [];
    const image = Image.base("python:3.12")
      .runCommands("echo from the build > built.txt", "echo said")
      .env({ COLOUR: "deep blue" })
      .workdir("/home/daytona/app")
      .entrypoint(["sh", "-c", "echo entered"]);
    const built = await snapshot.create(
      { name: "built", image },
      { onLogs: (line) => logs.push(line) },
    );
    expect(built).toMatchObject({ name: "built", state: "active", general: false });
    expect(logs.join("\n")).toContain("said");
    expect(await snapshot.get("built")).toMatchObject({ id: built.id, state: "active" });
    const one = await snapshot.list(1, 1);
    expect(one).toMatchObject({ page: 1, total: expect.any(Number) });
    expect(one.items.map(({ name }) => name)).toEqual(["built"]);
    expect((await rejection(snapshot.create({ name: "built", image: "python:3.12" }))).name).toBe(
      "DaytonaConflictError",
    );
    await using sandbox = await daytona().create({ snapshot: "built" });
    expect(sandbox.snapshot).toBe("built");
    const { result } = await sandbox.process.executeCommand("cat ~/built.txt; echo $COLOUR; pwd");
    expect(result).toMatch(/^from the build\ndeep blue\n.*\/home\/daytona\/app\n$/);
    expect(await sandbox.getWorkDir()).toBe("/home/daytona/app");
    const { commands } = await sandbox.process.getEntrypointSession();
    expect(commands).toMatchObject([{ command: "'sh' '-c' 'echo entered'" }]);
    expect((await sandbox.process.getEntrypointLogs()).stdout).toBe("entered\n");
    await snapshot.delete("built");
    expect((await rejection(snapshot.get("built"))).name).toBe("DaytonaNotFoundError");
  });

  proves("DAY-093")("a sandbox's files become a snapshot while it runs on", async () => {
    const { client } = daytona();
    {
      await using sandbox = await daytona().create();
      await sandbox.fs.uploadFile(Buffer.from("then"), "state.txt");
      await sandbox.process.createSession("on");
      await sandbox.createSnapshot("state-then");
      const here = await sandbox.process.executeSessionCommand("on", { command: "echo on" });
      expect(here.stdout).toBe("on\n");
      expect((await rejection(sandbox.createSnapshot("state-then"))).name).toBe(
        "DaytonaConflictError",
      );
    }
    await using copy = await daytona().create({ snapshot: "state-then" });
    const there = await copy.process.executeCommand("cat state.txt; echo; echo $HOME; pwd");
    expect(there.result).toMatch(/^then\n(.*\/home\/daytona\n)\1$/);
    await client.snapshot.delete("state-then");
  });

  proves("DAY-094")("a sandbox starts from an image of the program's", async () => {
    const image = Image.base("debian:12").runCommands("echo made > made.txt");
    await using sandbox = await daytona().create({ image, resources: { cpu: 2, memory: 2 } });
    expect(sandbox).toMatchObject({ state: "started", cpu: 2, memory: 2 });
    expect((await sandbox.process.executeCommand("cat made.txt")).result).toBe("made\n");
    await using plain = await daytona().create({ image: "debian:12" });
    expect((await plain.process.executeCommand("echo plain")).result).toBe("plain\n");
    const refused = await rejection(daytona().create({ image: "no.such/image:1" }));
    expect(refused.message).toContain("no.such/image:1");
  });

  proves("DAY-095")("secrets never tell their values", async () => {
    const { secret } = daytona().client;
    const made = await secret.create({
      name: "token",
      value: "very-secret",
      description: "of the API",
      hosts: ["api.example.com"],
    });
    const { id, placeholder } = made;
    expect(made).toMatchObject({
      name: "token",
      description: "of the API",
      hosts: ["api.example.com"],
    });
    const listed = await secret.list();
    expect(listed).toMatchObject({ items: [{ id }], total: 1 });
    await secret.update(id, { value: "more-secret", hosts: ["*.example.com"] });
    const anywhere = await secret.create({ name: "anywhere", value: "very-secret" });
    expect(anywhere.hosts).toEqual([]);
    await secret.delete(anywhere.id);
    const told = JSON.stringify([made, listed, await secret.get(id)]);
    expect(told).not.toMatch(/very-secret|more-secret/);
    const used = await daytona()
      .create({ secrets: { API_TOKEN: "token" } })
      .then(
        async (sandbox) => {
          await using held = sandbox;
          return (await held.process.executeCommand("echo $API_TOKEN")).result.trim();
        },
        (error: { code?: string }) => error.code,
      );
    // Without a network of its own a sandbox can have no secrets, and says so.
    expect(used).toBe(ISOLATION === "namespaces" ? placeholder : "UNSUPPORTED");
    await secret.delete(id);
    expect((await rejection(secret.get(id))).name).toBe("DaytonaNotFoundError");
  });
});
