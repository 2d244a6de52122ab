import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Attempt } from "../../lib/testing/escape/attempt.ts";
import type { OpenStage } from "../../lib/testing/escape/open-stage.ts";
import { Outside } from "../../lib/testing/escape/outside.ts";
import { type FaceSandbox, quoted, readable } from "./face-programs.ts";

/** A sandbox and an outside of its own for one attempt, which is made through a vendor's client alone. */
export async function openFaceStage(make: () => Promise<FaceSandbox>): Promise<OpenStage> {
  const outside = await Outside.make();
  let sandbox: FaceSandbox;
  try {
    sandbox = await make();
  } catch (error) {
    await outside[Symbol.asyncDispose]();
    throw error;
  }
  let programs = 0;
  const exports = Object.entries(outside.variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join("");
  const start = (program: string, as: Attempt["as"]) => {
    const directory = join(outside.directory, `program-${programs++}`);
    mkdirSync(directory);
    for (const name of ["stdout", "stderr"]) writeFileSync(join(directory, name), "");
    const told = (piece: string) => appendFileSync(join(directory, "stdout"), piece);
    const ended = sandbox
      .run(exports + program, { asRoot: as === "root", told })
      // What an attempt does to its own sandbox may end the connection.
      .catch((error: unknown) => told(String(error)));
    return { directory, ended, pids: () => [] };
  };
  return {
    outside,
    init: undefined,
    files: {
      read: async (path) => readable(await sandbox.read(path)),
      async write(entries) {
        for await (const { path, content } of entries) {
          await sandbox.write(path, await buffer(content));
        }
        return [];
      },
      async makeDirectory(path) {
        await sandbox.makeDirectory(path);
        return { created: true };
      },
    },
    start: async (program, as) => start(program, as),
    async sh(line, { as = "default-user" } = {}) {
      let said = "";
      await sandbox.run(exports + line, {
        asRoot: as === "root",
        told: (piece) => (said += piece),
      });
      return said;
    },
    onHost: () => Promise.reject(new Error("these attempts ask the host for nothing")),
    resume: () => Promise.reject(new Error("these attempts do not resume")),
    async [Symbol.asyncDispose]() {
      try {
        await sandbox[Symbol.asyncDispose]();
      } finally {
        await outside[Symbol.asyncDispose]();
      }
    },
  };
}
