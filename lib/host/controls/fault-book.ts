import { randomText } from "../../std/ids.ts";
import type { FaceName } from "../face-mounts.ts";
import type { ActiveFault, FaultAction, FaultRule } from "./control-words.ts";

/** A request as rules look at it. */
export interface MatchedRequest {
  face: FaceName;
  method: string;
  path: string;
  /** Names and ids by which a rule may name its sandbox. */
  sandbox: readonly string[];
}

interface Entry {
  fault: ActiveFault;
  pattern: RegExp | undefined;
}

/** The faults that hold, in the order in which they were added. */
export class FaultBook {
  readonly #entries = new Map<string, Entry>();

  add(rule: FaultRule): ActiveFault {
    const id = `fault_${randomText(8)}`;
    const fault: ActiveFault = { id, rule, matched: 0, applied: 0 };
    const pattern = rule.path === undefined ? undefined : pathPattern(rule.path);
    this.#entries.set(id, { fault, pattern });
    return fault;
  }

  list(): ActiveFault[] {
    return [...this.#entries.values()].map(({ fault }) => fault);
  }

  /** One of them, or all. Gives how many there were. */
  clear(id?: string): number {
    const ids = id === undefined ? [...this.#entries.keys()] : [id];
    return ids.filter((each) => this.#entries.delete(each)).length;
  }

  /** What is to be done to the request, counted as done. */
  take(request: MatchedRequest): { id: string; action: FaultAction }[] {
    const taken: { id: string; action: FaultAction }[] = [];
    for (const { fault, pattern } of this.#entries.values()) {
      const { id, rule } = fault;
      if (!matches(rule, pattern, request)) continue;
      fault.matched++;
      if (rule.nth !== undefined && rule.nth !== fault.matched) continue;
      fault.applied++;
      taken.push({ id, action: rule.action });
    }
    return taken;
  }
}

function matches(rule: FaultRule, pattern: RegExp | undefined, request: MatchedRequest): boolean {
  return (
    (rule.face === undefined || rule.face === request.face) &&
    (rule.method === undefined || rule.method === request.method) &&
    (pattern === undefined || pattern.test(request.path)) &&
    (rule.sandbox === undefined || request.sandbox.includes(rule.sandbox))
  );
}

/** `*` is anything within one part of the path, `**` is anything. */
function pathPattern(path: string): RegExp {
  const source = path
    .split(/(\*+)/)
    .map((part) =>
      part === "*"
        ? "[^/]*"
        : part.startsWith("*")
          ? ".*"
          : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`);
}
