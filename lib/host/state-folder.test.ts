import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { besideFolder, makeStateFolder, socketPath } from "./state-folder.ts";

const own = { version: "1.2.3", protocol: 4 };

afterEach(() => {
  vi.unstubAllEnvs();
});

test.skipIf(process.platform === "win32")(
  "puts the socket into the state folder, named after the version",
  () => {
    expect(socketPath("/home/me/.local/state/sandlot", own)).toBe(
      "/home/me/.local/state/sandlot/daemon-1.2.3-p4.sock",
    );
  },
);

test.skipIf(process.platform === "win32")(
  "puts the socket of a long path into a private folder, another one for each folder and version",
  async () => {
    await using directory = await temporaryDirectory();
    vi.stubEnv("XDG_RUNTIME_DIR", directory.path);
    const long = join("/home", "x".repeat(120));
    const path = socketPath(long, own);
    expect(path).toMatch(/\/sandlot\/[0-9a-f]{24}\.sock$/);
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(103);
    expect((await stat(join(directory.path, "sandlot"))).mode & 0o777).toBe(0o700);
    expect(socketPath(long, own)).toBe(path);
    expect(socketPath(long, { ...own, version: "1.2.4" })).not.toBe(path);
    expect(socketPath(`${long}y`, own)).not.toBe(path);
  },
);

test.skipIf(process.platform === "win32")(
  "refuses a folder for sockets that others can enter",
  async () => {
    await using directory = await temporaryDirectory();
    vi.stubEnv("XDG_RUNTIME_DIR", directory.path);
    await mkdir(join(directory.path, "sandlot"));
    await chmod(join(directory.path, "sandlot"), 0o755);
    expect(() => socketPath(join("/home", "x".repeat(120)), own)).toThrow(
      /is not a folder that only you can enter/,
    );
  },
);

test.skipIf(process.platform === "win32")("makes the state folder for its user alone", async () => {
  await using directory = await temporaryDirectory();
  const home = join(directory.path, "a", "b");
  makeStateFolder(home);
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  expect(besideFolder(home, "1.2.3")).toBe(join(home, "beside", "1.2.3"));
});

test("says that a state folder cannot be made, and what to do", () => {
  expect(() => makeStateFolder(join(import.meta.filename, "sub"))).toThrow(
    /cannot be made \(.*\)\. Name another one in SANDLOT_HOME\.$/,
  );
});
