import type { Feature } from "../../../../engine/ports.ts";
import type { ControlGroups, Machine } from "../machine/machine.ts";

/** What is limited and what is not, in one sentence that a person can act upon. */
export function limitsFeature(
  { cgroups, processLimit }: Pick<Machine, "cgroups" | "processLimit">,
  { groups, refusal }: { groups: ControlGroups | undefined; refusal?: string | undefined },
): Feature {
  const controllers = groups ? controllersOf(groups) : [];
  const lacking = [
    ...(controllers.includes("memory") ? [] : ["memory (only that of each process)"]),
    ...(controllers.includes("cpu") ? [] : ["processor time"]),
    ...(controllers.includes("pids") || processLimit.offered
      ? []
      : ["processes (only those of each user)"]),
  ];
  if (lacking.length === 0) return { offered: true };
  const why = cgroups.offered
    ? refusal === undefined
      ? "This machine's control groups lack the controllers."
      : `The kernel refused its control groups (${refusal}).`
    : `${cgroups.reason} What would help: ${cgroups.advice}`;
  return { offered: false, reason: `Not limited per sandbox: ${lacking.join(", ")}. ${why}` };
}

function controllersOf(groups: ControlGroups): string[] {
  return groups.version === 1 ? Object.keys(groups.controllers) : groups.controllers;
}
