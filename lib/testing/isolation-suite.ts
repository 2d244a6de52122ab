import { afterAll, beforeAll, describe, test } from "vitest";
import { IsolationBench, type MakeIsolation } from "./isolation-bench.ts";
import { changeCases } from "./isolation-change-cases.ts";
import { commandCases } from "./isolation-command-cases.ts";
import { endingCases } from "./isolation-ending-cases.ts";
import { fileCases } from "./isolation-file-cases.ts";
import { pauseCases } from "./isolation-pause-cases.ts";
import { portCases } from "./isolation-port-cases.ts";
import { rootFileCases } from "./isolation-root-file-cases.ts";
import { stateCases } from "./isolation-state-cases.ts";
import { terminalCases } from "./isolation-terminal-cases.ts";
import { userCases } from "./isolation-user-cases.ts";
import { treeCases } from "./isolation-tree-cases.ts";
import { watchCases } from "./isolation-watch-cases.ts";

/** What a backend must do, by the name under which another may be excused from it. */
export type IsolationCases = Record<string, (bench: IsolationBench) => Promise<void>>;

/** Where an ordinary user has no control groups, hundreds of a bomb's processes share the processors with what ends them. */
const CASE_LIMIT_MS = 60_000;

const CASES = {
  commands: commandCases,
  "ending what runs": endingCases,
  files: fileCases,
  "trees of files": treeCases,
  "changes of files": changeCases,
  "files of users": rootFileCases,
  "watches of files": watchCases,
  "snapshots and drives": stateCases,
  ports: portCases,
  terminals: terminalCases,
  users: userCases,
  pauses: pauseCases,
};

export type IsolationSubject = keyof typeof CASES;

export interface IsolationSuiteOptions {
  makeIsolation: MakeIsolation;
  /** Cases that the backend is excused from: name and reason. */
  excused?: Readonly<Record<string, string>>;
  /** Why the backend cannot be had on this machine: no case is run then. */
  unavailable?: string | undefined;
}

/** What every isolation backend must do. An excuse for a case that does not exist is an error. */
export function isolationSuite(
  name: string,
  { makeIsolation, excused = {}, unavailable }: IsolationSuiteOptions,
) {
  const titles = new Set(
    Object.values<IsolationCases>(CASES).flatMap((cases) => Object.keys(cases)),
  );
  const unused = Object.keys(excused).filter((title) => !titles.has(title));
  if (unused.length > 0) throw new Error(`No such case: ${unused.join(", ")}`);
  for (const [subject, cases] of Object.entries<IsolationCases>(CASES)) {
    describe(`${name}: ${subject}`, () => {
      // To bring a backend up takes longer than most cases; each makes roots of its own.
      let shared: IsolationBench | undefined;
      beforeAll(async () => {
        if (unavailable === undefined) shared = await IsolationBench.make(makeIsolation);
      });
      afterAll(() => shared?.[Symbol.asyncDispose]());
      for (const [title, run] of Object.entries(cases)) {
        const reason = unavailable ?? excused[title];
        const label = reason === undefined ? title : `${title} (not here: ${reason})`;
        const body = async (): Promise<void> => {
          if (!shared) throw new Error("the backend was not brought up");
          await using bench = await shared.share();
          await run(bench);
        };
        test.skipIf(reason !== undefined)(label, body, CASE_LIMIT_MS);
      }
    });
  }
}
