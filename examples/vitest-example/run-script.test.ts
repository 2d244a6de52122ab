import { expect, test } from "vitest";
import { runScript } from "./run-script.ts";

test("gives what the script printed", async () => {
  expect(await runScript("console.log(6 * 7)")).toEqual({ exitCode: 0, output: "42\n" });
});

test("gives the exit code of a script that fails", async () => {
  expect(await runScript("process.exit(3)")).toEqual({ exitCode: 3, output: "" });
});
