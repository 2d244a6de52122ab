import type { Sandbox as DaytonaSandbox } from "@daytona/sdk";
import type { CloudSandbox } from "../cloud.ts";

export const BYTES_PER_GIB = 2 ** 30;
const MB_PER_GIB = 2 ** 10;
const LANGUAGE_LABEL = "code-toolbox-language";

const STATES: Readonly<Record<string, CloudSandbox["state"]>> = {
  started: "running",
  stopping: "stopping",
  error: "failed",
  build_failed: "failed",
};

/** One that is on its way out is told of for a while. */
export const isThere = ({ state }: DaytonaSandbox): boolean =>
  state !== "destroyed" && state !== "destroying";

/** Daytona's sandbox, as every cloud tells of one. */
export function toSandbox(found: DaytonaSandbox): CloudSandbox {
  const createdAt = Date.parse(found.createdAt ?? "") || 0;
  const { [LANGUAGE_LABEL]: _, ...labels } = found.labels;
  return {
    id: found.id,
    state: STATES[found.state ?? ""] ?? "stopped",
    labels,
    createdAt,
    startedAt: createdAt,
    vcpus: Math.max(1, Math.round(found.cpu)),
    memoryMb: Math.round(found.memory * MB_PER_GIB),
  };
}

/** The label that Daytona's SDK sets by itself, with its name; empty where there is none. */
export function languageOf({ labels }: DaytonaSandbox): Record<string, string> {
  const language = labels[LANGUAGE_LABEL];
  return language === undefined ? {} : { [LANGUAGE_LABEL]: language };
}
