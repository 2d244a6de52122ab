import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { both, type Measure } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

const FILES = Array.from({ length: 2_600 }, (_, index) => ({
  path: `src/module-${index % 40}/file-${index}.ts`,
  content: `export const value${index} = ${JSON.stringify("x".repeat(600))};\n`,
}));

/** Many small files in one call. */
export const writeFiles: Measure = {
  name: "write-files",
  async run({ create, directory, quick }) {
    await using sandbox = await create();
    let turn = 0;
    const found = await interleave(
      {
        async loop() {
          const target = await directory();
          return timed(async () => {
            for (const { path, content } of FILES) {
              await mkdir(dirname(join(target, path)), { recursive: true });
              await writeFile(join(target, path), content);
            }
          });
        },
        async sdk() {
          const files = FILES.map(({ path, content }) => ({ path: `${turn}/${path}`, content }));
          turn++;
          return timed(() => sandbox.writeFiles(files));
        },
      },
      { rounds: quick ? 3 : 10 },
    );
    const ratio = found.sdk.p50 / found.loop.p50;
    return [
      {
        what: "writeFiles, 2,600 small files in one call",
        baseline: `fs.writeFile loop: ${both(found.loop)}`,
        goal: "≤ 2×",
        result: `${ratio.toFixed(2)}×: ${both(found.sdk)}`,
        reached: ratio <= 2,
        numbers: { ...found, ratio },
      },
    ];
  },
};
