import type { Measure } from "./measure.ts";
import { command } from "./measures/command.ts";
import { create } from "./measures/create.ts";
import { crowd } from "./measures/crowd.ts";
import { faces } from "./measures/faces.ts";
import { firstLine } from "./measures/first-line.ts";
import { idle } from "./measures/idle.ts";
import { logThroughput } from "./measures/log-throughput.ts";
import { port } from "./measures/port.ts";
import { snapshot } from "./measures/snapshot.ts";
import { studioMemory } from "./measures/studio-memory.ts";
import { studioPrompt } from "./measures/studio-prompt.ts";
import { studioStart } from "./measures/studio-start.ts";
import { trigger } from "./measures/trigger.ts";
import { writeFiles } from "./measures/write-files.ts";

/** In the order of the table. */
export const MEASURES: readonly Measure[] = [
  create,
  command,
  firstLine,
  logThroughput,
  writeFiles,
  snapshot,
  port,
  idle,
  crowd,
  faces,
  studioStart,
  studioPrompt,
  studioMemory,
  trigger,
];
