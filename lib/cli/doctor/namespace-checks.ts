import type { MachinePart } from "../../host/inspect-machine.ts";
import type { Check } from "./check.ts";

export interface NamespaceChecksOptions {
  parts: readonly MachinePart[];
  /** The isolation that sandboxes have, where it is known. */
  used: string | undefined;
  /** What was asked for: `auto` makes do with less, `process` wants none of it. */
  asked: "auto" | "namespaces" | "process";
}

/** What this machine gives to isolated sandboxes, and whether it is made use of. */
export function namespaceChecks({ parts, used, asked }: NamespaceChecksOptions): Check[] {
  return [useCheck({ used, asked }), ...parts.map((part) => partCheck(part, asked))];
}

function useCheck({ used, asked }: Pick<NamespaceChecksOptions, "used" | "asked">): Check {
  const name = "used";
  if (used === "namespaces") return { name, level: "ok", detail: "what is offered below" };
  if (asked === "process") {
    return {
      name,
      level: "info",
      detail: "nothing of what is below: SANDLOT_ISOLATION is process",
      advice: "Leave SANDLOT_ISOLATION unset.",
    };
  }
  const detail = "nothing of what is below";
  return {
    name,
    level: "info",
    detail: used === undefined ? detail : `${detail}: isolation is \`${used}\``,
  };
}

function partCheck(part: MachinePart, asked: NamespaceChecksOptions["asked"]): Check {
  const { name, worth, offered, detail, advice } = part;
  if (offered) return { name, level: "ok", detail };
  const level =
    worth === "extra" || asked === "process"
      ? "info"
      : worth === "needed" && asked === "namespaces"
        ? "fail"
        : "warn";
  return { name, level, detail, ...(advice !== undefined && { advice }) };
}
