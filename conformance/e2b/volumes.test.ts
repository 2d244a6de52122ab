import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b, type Sdk, SDKS } from "./harness.ts";

type Volume = InstanceType<Sdk["Volume"]>;

/** A volume that is destroyed when it is disposed of. */
async function temporaryVolume({ Volume }: Sdk): Promise<Volume & AsyncDisposable> {
  const volume = await Volume.create(`volume-${randomUUID().slice(0, 8)}`);
  return Object.assign(volume, {
    async [Symbol.asyncDispose]() {
      await Volume.destroy(volume.volumeId);
    },
  });
}

forE2b(
  (e2b) => {
    proves("E2B-101")("volumes are made once, found, listed and destroyed", async () => {
      const { Volume } = e2b().sdk;
      const volume = await temporaryVolume(e2b().sdk);
      const taken = await rejection(Volume.create(volume.name));
      expect([taken.constructor.name, taken.message]).toEqual([
        "VolumeError",
        expect.stringContaining("409"),
      ]);
      expect(await Volume.getInfo(volume.volumeId)).toMatchObject({
        volumeId: volume.volumeId,
        name: volume.name,
        token: volume.token,
      });
      const listed = await Volume.list();
      expect(listed).toContainEqual({ volumeId: volume.volumeId, name: volume.name });
      expect(await Volume.destroy(volume.volumeId)).toBe(true);
      expect(await Volume.destroy(volume.volumeId)).toBe(false);
      const gone = await rejection(Volume.connect(volume.volumeId));
      expect(gone.constructor.name).toBe("VolumeNotFoundError");
    });

    proves("E2B-102")("a volume's content is read and written without a sandbox", async () => {
      await using volume = await temporaryVolume(e2b().sdk);
      const written = await volume.writeFile("/docs/a.txt", "one");
      expect(written).toMatchObject({ name: "a.txt", path: "/docs/a.txt", type: "file", size: 3 });
      expect(await volume.readFile("/docs/a.txt")).toBe("one");
      await volume.writeFile("/docs/a.txt", "three");
      expect(
        new TextDecoder().decode(await volume.readFile("/docs/a.txt", { format: "bytes" })),
      ).toBe("three");
      expect(await text(await volume.readFile("/docs/a.txt", { format: "stream" }))).toBe("three");
      expect(await volume.makeDir("/docs/deep/er", { force: true })).toMatchObject({
        type: "directory",
        path: "/docs/deep/er",
      });
      expect((await volume.list("/")).map(({ path }) => path)).toEqual(["/docs"]);
      const below = await volume.list("/", { depth: 3 });
      expect(below.map(({ path }) => path)).toEqual([
        "/docs",
        "/docs/a.txt",
        "/docs/deep",
        "/docs/deep/er",
      ]);
      const info = await volume.getInfo("/docs/a.txt");
      expect(info.mtime).toBeInstanceOf(Date);
      expect(await volume.exists("/docs/none")).toBe(false);
      await volume.remove("/docs");
      expect(await volume.exists("/docs/a.txt")).toBe(false);
      for (const lost of [
        () => volume.readFile("/none"),
        () => volume.list("/none"),
        () => volume.remove("/none"),
        () => volume.getInfo("/none"),
      ]) {
        expect((await rejection(lost())).constructor.name).toBe("VolumePathNotFoundError");
      }
    });
  },
  { versions: Object.keys(SDKS) },
);

forE2b((e2b) => {
  proves("E2B-104")("a volume opens to nobody without its own token", async () => {
    await using volume = await temporaryVolume(e2b().sdk);
    await using other = await temporaryVolume(e2b().sdk);
    await volume.writeFile("/secret.txt", "secret");
    const thief = new (e2b().sdk.Volume)(volume.volumeId, volume.name, other.token);
    for (const attempt of [
      () => thief.readFile("/secret.txt"),
      () => thief.list("/"),
      () => thief.writeFile("/secret.txt", "mine"),
      () => thief.remove("/secret.txt"),
    ]) {
      expect((await rejection(attempt())).constructor.name).toBe("AuthenticationError");
    }
    expect(await volume.readFile("/secret.txt")).toBe("secret");
  });

  proves("E2B-103", "E2B-105")("a volume is what sandboxes mount, and nothing else", async () => {
    const { Volume } = e2b().sdk;
    await using volume = await temporaryVolume(e2b().sdk);
    await volume.writeFile("/from-outside.txt", "outside", { uid: 1000, gid: 1000, mode: 0o640 });
    const volumeMounts = { "/mnt/data": volume };
    const sandbox = await e2b().create({ volumeMounts });
    expect((await sandbox.getInfo()).volumeMounts).toEqual([
      { name: volume.name, path: "/mnt/data" },
    ]);
    expect(await sandbox.files.read("/mnt/data/from-outside.txt")).toBe("outside");
    await sandbox.commands.run(
      "cd /mnt/data; printf inside > from-inside.txt; chmod 600 from-inside.txt",
    );
    expect(await volume.readFile("/from-inside.txt")).toBe("inside");
    expect(await volume.getInfo("/from-inside.txt")).toMatchObject({ uid: 1000, mode: 0o600 });
    const changed = await volume.updateMetadata("/from-inside.txt", { mode: 0o644 });
    expect(changed.mode & 0o777).toBe(0o644);
    expect((await rejection(Volume.destroy(volume.volumeId))).message).toContain("409");
    await sandbox.kill();
    expect(await volume.readFile("/from-inside.txt")).toBe("inside");

    await using linker = await e2b().create({ volumeMounts });
    await linker.commands.run("cd /mnt/data; ln -s /etc/passwd out; ln -s ../../../../etc up");
    expect(await volume.getInfo("/out")).toMatchObject({ type: "symlink", target: "/etc/passwd" });
    for (const path of ["/out", "/up/passwd"]) {
      expect((await rejection(volume.readFile(path))).message).not.toContain("root:");
    }
    // For whoever follows it, the volume is all there is.
    await volume.writeFile("/up/sandlot-was-here", "x");
    expect(await volume.readFile("/etc/sandlot-was-here")).toBe("x");
    expect(existsSync("/etc/sandlot-was-here")).toBe(false);
    expect(await linker.files.exists("/etc/sandlot-was-here")).toBe(false);
    await linker.kill();
  });
});
