import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b, SDKS } from "./harness.ts";

type Volume = InstanceType<(typeof SDKS)[string]["Volume"]>;

forE2b(
  (e2b) => {
    async function temporaryVolume(): Promise<Volume & AsyncDisposable> {
      const { Volume } = e2b().sdk;
      const volume = await Volume.create(`volume-${randomUUID().slice(0, 8)}`);
      return Object.assign(volume, {
        async [Symbol.asyncDispose]() {
          await Volume.destroy(volume.volumeId);
        },
      });
    }

    proves("E2B-101")("volumes are made once, found, listed and destroyed", async () => {
      const { Volume } = e2b().sdk;
      const volume = await temporaryVolume();
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
      await using volume = await temporaryVolume();
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
        volume.readFile("/none"),
        volume.list("/none"),
        volume.remove("/none"),
        volume.getInfo("/none"),
      ]) {
        expect((await rejection(lost)).constructor.name).toBe("VolumePathNotFoundError");
      }
    });
  },
  { versions: Object.keys(SDKS) },
);

forE2b((e2b) => {
  proves("E2B-103", "E2B-104")(
    "a volume is what sandboxes mount, and what others keep out of",
    async () => {
      const { Volume } = e2b().sdk;
      const volume = await Volume.create(`volume-${randomUUID().slice(0, 8)}`);
      const other = await Volume.create(`volume-${randomUUID().slice(0, 8)}`);
      await volume.writeFile("/from-outside.txt", "outside", { uid: 1000, gid: 1000, mode: 0o640 });
      const sandbox = await e2b().create({ volumeMounts: { "/mnt/data": volume } });
      expect((await sandbox.getInfo()).volumeMounts).toEqual([
        { name: volume.name, path: "/mnt/data" },
      ]);
      expect(await sandbox.files.read("/mnt/data/from-outside.txt")).toBe("outside");
      await sandbox.commands.run(
        "printf inside > /mnt/data/from-inside.txt; chmod 600 /mnt/data/from-inside.txt",
      );
      expect(await volume.readFile("/from-inside.txt")).toBe("inside");
      expect(await volume.getInfo("/from-inside.txt")).toMatchObject({ uid: 1000, mode: 0o600 });
      const changed = await volume.updateMetadata("/from-inside.txt", { mode: 0o644 });
      expect(changed.mode & 0o777).toBe(0o644);
      const busy = await rejection(Volume.destroy(volume.volumeId));
      expect(busy.message).toContain("409");
      await sandbox.kill();
      expect(await volume.readFile("/from-inside.txt")).toBe("inside");

      const thief = new Volume(volume.volumeId, volume.name, other.token);
      expect((await rejection(thief.readFile("/from-inside.txt"))).constructor.name).toBe(
        "AuthenticationError",
      );
      // A link that leads out leads nowhere.
      await using linker = await e2b().create({ volumeMounts: { "/mnt/data": volume } });
      await linker.commands.run(
        "ln -s /etc/passwd /mnt/data/out; ln -s ../../../../etc /mnt/data/up",
      );
      expect(await volume.getInfo("/out")).toMatchObject({
        type: "symlink",
        target: "/etc/passwd",
      });
      for (const path of ["/out", "/up/passwd"]) {
        const refused = await rejection(volume.readFile(path));
        expect(refused.message).not.toContain("root:");
      }
      await linker.kill();
      expect(await Volume.destroy(volume.volumeId)).toBe(true);
      expect(await Volume.destroy(other.volumeId)).toBe(true);
    },
  );
});
