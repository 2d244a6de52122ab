import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Row } from "./measure.ts";

/** The default first. */
export const ISOLATIONS = ["namespaces", "process"] as const;

const Found = z.object({
  at: z.string(),
  quick: z.boolean(),
  machine: z.object({ node: z.string(), platform: z.string(), processors: z.int() }),
  rows: z.array(
    z.looseObject({
      what: z.string(),
      baseline: z.string(),
      goal: z.string(),
      result: z.string(),
      reached: z.boolean().optional(),
    }),
  ),
});

/** What each measure found last with one isolation, by the measure's name. */
const Results = z.record(z.string(), Found);
export type Results = z.output<typeof Results>;

const directory = join(import.meta.dirname, "results");

/** Nothing where nothing was measured yet. */
export async function readResults(isolation: string): Promise<Results> {
  const text = await readFile(fileOf(isolation), "utf8").catch(() => "{}"); // Nothing was measured.
  return Results.parse(JSON.parse(text));
}

/** Puts what one measure found in the place of what it found before; the others' stays. */
export async function keepResults(
  isolation: string,
  measure: string,
  found: Omit<Results[string], "rows"> & { rows: Row[] },
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const results = { ...(await readResults(isolation)), [measure]: found };
  await writeFile(fileOf(isolation), `${JSON.stringify(results, null, 2)}\n`);
}

function fileOf(isolation: string): string {
  return join(directory, `${isolation}.json`);
}
