import { fstatSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { openPaths } from "../../../../testing/open-paths.ts";
import { readProcess } from "../../process-table.ts";
import { sessionRoot } from "./held-root.ts";

test.skipIf(process.platform !== "linux")(
  "a session's root is that of its first process, and of no other that has its number (Linux only)",
  () => {
    const { pid } = process;
    const startTime = readProcess(pid)?.startTime ?? "";
    using own = sessionRoot({ pid, startTime });
    expect(fstatSync(own.descriptor).ino).toBe(statSync("/").ino);
    const before = openPaths();
    using other = sessionRoot({ pid, startTime: `${startTime}0` });
    expect(() => other.descriptor).toThrow(expect.objectContaining({ code: "sandbox_stopped" }));
    expect(openPaths()).toEqual(before);
  },
);
