import { expect, test } from "vitest";
import { completeLockfile } from "./complete-lockfile.ts";

test("adds the packages for other systems that npm left out, where npm would have put them", () => {
  const { added, lockfile } = completeLockfile({
    packages: {
      "node_modules/tool": {
        version: "2.0.0",
        dev: true,
        optionalDependencies: {
          "@tool/linux-x64-gnu": "2.0.0",
          "@tool/darwin-arm64": "2.0.0",
          "@tool/wasm32-wasi": "2.0.0",
          fsevents: "~2.3.3",
        },
      },
      "node_modules/@tool/linux-x64-gnu": { version: "2.0.0" },
      "node_modules/other/node_modules/tool": {
        version: "1.0.0",
        optionalDependencies: { "@tool/darwin-arm64": "1.0.0" },
      },
    },
  });
  expect(added).toEqual([
    "@tool/darwin-arm64@2.0.0",
    "@tool/wasm32-wasi@2.0.0",
    "@tool/darwin-arm64@1.0.0",
  ]);
  expect(lockfile.packages["node_modules/@tool/wasm32-wasi"]).toEqual({
    version: "2.0.0",
    cpu: ["wasm32"],
    dev: true,
    optional: true,
  });
  expect(lockfile.packages["node_modules/@tool/darwin-arm64"]).toEqual({
    version: "2.0.0",
    os: ["darwin"],
    cpu: ["arm64"],
    dev: true,
    optional: true,
  });
  expect(lockfile.packages["node_modules/other/node_modules/@tool/darwin-arm64"]).toEqual({
    version: "1.0.0",
    os: ["darwin"],
    cpu: ["arm64"],
    optional: true,
  });
});
