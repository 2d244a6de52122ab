import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forDaytona } from "./harness.ts";

forDaytona(
  (daytona) => {
    proves("DAY-060")("files come and go", async () => {
      const { fs } = daytona().shared;
      await fs.createFolder("files/inner", "750");
      await fs.uploadFile(Buffer.from("hello world"), "files/hello.txt");
      expect((await fs.downloadFile("files/hello.txt")).toString()).toBe("hello world");
      expect(await fs.getFileDetails("files/hello.txt")).toMatchObject({
        name: "hello.txt",
        isDir: false,
        size: 11,
        mode: "-rw-r--r--",
        permissions: "0644",
      });
      const listed = await fs.listFiles("files");
      expect(listed.map(({ name, isDir, mode }) => ({ name, isDir, mode }))).toEqual([
        { name: "hello.txt", isDir: false, mode: "-rw-r--r--" },
        { name: "inner", isDir: true, mode: "drwxr-x---" },
      ]);
      await fs.moveFiles("files/hello.txt", "files/inner/moved.txt");
      expect((await fs.listFiles("files/inner")).map(({ name }) => name)).toEqual(["moved.txt"]);
      await fs.deleteFile("files/inner/moved.txt");
      expect((await rejection(fs.deleteFile("files"))).name).toBe("DaytonaValidationError");
      await fs.deleteFile("files", true);
      const gone = await rejection(fs.listFiles("files"));
      expect(gone).toMatchObject({ name: "DaytonaFileNotFoundError", code: "FILE_NOT_FOUND" });
    });

    proves("DAY-061")("many files go in one call", async () => {
      const { fs } = daytona().shared;
      const names = Array.from({ length: 50 }, (_, index) => `many/${index} "quoted" é.txt`);
      await fs.uploadFiles(
        names.map((destination) => ({ source: Buffer.from(`in ${destination}`), destination })),
      );
      const read = await fs.downloadFiles([...names, "many/none"].map((source) => ({ source })));
      expect(
        read.map(({ source, result, error }) => result?.toString() ?? [source, error]),
      ).toEqual([
        ...names.map((name) => `in ${name}`),
        ["many/none", expect.stringContaining("no file")],
      ]);
      const missing = await rejection(fs.downloadFile("many/none"));
      expect(missing).toMatchObject({
        name: "DaytonaFileNotFoundError",
        statusCode: 404,
        source: "DAYTONA_DAEMON",
      });
      await fs.deleteFile("many", true);
    });

    proves("DAY-062")("files are found, and texts in them replaced", async () => {
      const { fs } = daytona().shared;
      await fs.uploadFiles([
        { source: Buffer.from("one\nneedle. here\n"), destination: "find/a.txt" },
        { source: Buffer.from("needlex\n"), destination: "find/b.md" },
        { source: Buffer.from("none\n"), destination: "find/deep/c.txt" },
      ]);
      // A text, and no pattern: the dot is a dot.
      expect(await fs.findFiles("find", "needle.")).toEqual([
        { file: "find/a.txt", line: 2, content: "needle. here" },
      ]);
      expect(await fs.findFiles("find/a.txt", "one")).toEqual([
        { file: "find/a.txt", line: 1, content: "one" },
      ]);
      expect(await fs.searchFiles("find", "*.txt")).toEqual({
        files: ["find/a.txt", "find/deep/c.txt"],
      });
      const replaced = await fs.replaceInFiles(["find/a.txt", "find/none"], "needle.", "$& pin");
      expect(replaced).toEqual([
        { file: "find/a.txt", success: true },
        { file: "find/none", success: false, error: expect.stringContaining("no file") },
      ]);
      expect((await fs.downloadFile("find/a.txt")).toString()).toBe("one\n$& pin here\n");
      await fs.deleteFile("find", true);
    });

    proves("DAY-063")("large files keep every byte", async () => {
      const { fs } = daytona().shared;
      const piece = randomBytes(64 * 1_024);
      const pieces = Array.from({ length: 128 }, () => piece);
      const sent = createHash("sha256").update(Buffer.concat(pieces)).digest("hex");
      await fs.uploadFileStream(Readable.from(pieces), "large.bin");
      const read = createHash("sha256");
      for await (const chunk of await fs.downloadFileStream("large.bin"))
        read.update(chunk as Buffer);
      expect(read.digest("hex")).toBe(sent);
      await fs.deleteFile("large.bin");
    });

    proves("DAY-064")("permissions can be changed", async () => {
      const { fs } = daytona().shared;
      await fs.uploadFile(Buffer.from("#!/bin/sh\necho ran\n"), "run.sh");
      await fs.setFilePermissions("run.sh", { mode: "755" });
      expect((await fs.getFileDetails("run.sh")).mode).toBe("-rwxr-xr-x");
      expect((await daytona().shared.process.executeCommand("./run.sh")).result).toBe("ran\n");
    });

    proves("DAY-065")("a file can be given away", async () => {
      const { fs } = daytona().shared;
      await fs.uploadFile(Buffer.from("mine"), "given.txt");
      const given = async (permissions: { owner: string; group: string }) => {
        await fs.setFilePermissions("given.txt", permissions);
        const { owner, group } = await fs.getFileDetails("given.txt");
        return { owner, group };
      };
      const outcomes = [];
      for (const name of ["root", "daytona"]) {
        outcomes.push(
          await given({ owner: name, group: name }).catch((error: Error) => error.name),
        );
      }
      expect(outcomes).toEqual([
        { owner: "root", group: "root" },
        { owner: "daytona", group: "daytona" },
      ]);
    });
  },
  { versions: ["0.216", "0.205"] },
);
