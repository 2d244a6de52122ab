import { readFileSync } from "node:fs";
import { summarise } from "./summarise.ts";

const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: test-summary <vitest's JSON results>");
process.stdout.write(`${summarise(readFileSync(file, "utf8"))}\n`);
