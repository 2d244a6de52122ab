import type { Check } from "./check.ts";

/** What an isolation backend says of itself. */
export interface IsolationReport {
  name: string;
  features: Record<string, { offered: true } | { offered: false; reason: string }>;
}

const FEATURE_NAMES: Record<string, string> = {
  privateFiles: "private files",
  privatePorts: "private ports",
  users: "users and sudo",
  networkPolicy: "network policy",
  limits: "limits",
};

/** Says plainly how far commands are kept apart from this machine, and why not more. */
export function isolationChecks({ name, features }: IsolationReport): Check[] {
  return [
    name === "process"
      ? {
          name: "isolation",
          level: "warn",
          detail:
            "`process`: commands run as you, with your rights. This is NO isolation: a command can " +
            "read and change whatever you can",
          advice: "Run only code that you would run without Sandlot, too.",
        }
      : { name: "isolation", level: "ok", detail: `\`${name}\`` },
    ...Object.entries(features).map(([key, feature]): Check => {
      const shown = FEATURE_NAMES[key] ?? key;
      if (feature.offered) return { name: shown, level: "ok", detail: "offered" };
      // A program may take a policy that it set for one that holds.
      return key === "networkPolicy"
        ? { name: shown, level: "warn", detail: `recorded, but NOT enforced: ${feature.reason}` }
        : { name: shown, level: "info", detail: `not offered: ${feature.reason}` };
    }),
  ];
}
