import { expect, test } from "vitest";
import { ISOLATION } from "./isolation.ts";
import { OVER_CLOUD } from "./over-cloud.ts";
import { OVER_TRIGGER } from "./over-trigger.ts";
import { REQUIREMENTS, type RequirementId } from "./requirements.ts";
import type { Exception, KnownFailure, Requirement } from "./requirements/requirement.ts";
import { CLOUD_EXCEPTIONS } from "./requirements/cloud-exceptions.ts";
import { TRIGGER_EXCEPTIONS } from "./requirements/trigger-exceptions.ts";

const byId = new Map<string, Requirement>(REQUIREMENTS.map((each) => [each.id, each]));

type Body = () => Promise<void>;

/**
 * Declares a test that proves the requirements with these ids; the gate reads the ids from the source.
 * Where they are expected to fail, the test must fail in just that way, and fails the run once it holds.
 */
export function proves(...ids: [RequirementId, ...RequirementId[]]) {
  const requirements = ids.map((id) => {
    const found = byId.get(id);
    if (!found) throw new Error(`${id} is no requirement: see conformance/requirements.ts`);
    return found;
  });
  const marked = requirements.filter(
    ({ expectedToFail }) => expectedToFail?.isolation === ISOLATION,
  );
  if (marked.length > 0 && marked.length < requirements.length) {
    throw new Error(`${ids.join(", ")}: one test proves what holds, another what fails`);
  }
  return (title: string, body: Body, options: { timeoutMs?: number } = {}): void => {
    const name = `${title} [${ids.join(", ")}]`;
    const expected = exceptionOver(ids, title) ?? marked[0]?.expectedToFail;
    if (!expected) {
      test(name, body, options.timeoutMs);
      return;
    }
    const { reason, ...sign } = expected;
    if ("leftOut" in expected && expected.leftOut) {
      test(`${name} (left out: ${reason})`, (context) => context.skip(reason));
      return;
    }
    test(
      `${name} (expected to fail: ${reason})`,
      () => expectFailure(body, { ids, ...sign }),
      options.timeoutMs,
    );
  };
}

function exceptionOver(ids: readonly RequirementId[], title: string): Exception | undefined {
  const exceptions = OVER_TRIGGER
    ? TRIGGER_EXCEPTIONS
    : OVER_CLOUD
      ? CLOUD_EXCEPTIONS[OVER_CLOUD]
      : {};
  return ids
    .map((id) => exceptions[id])
    .find((exception) => exception !== undefined && !exception.holds?.includes(title));
}

async function expectFailure(
  body: Body,
  { ids, code, says }: Omit<KnownFailure, "reason"> & { ids: readonly string[] },
): Promise<void> {
  const failure = await body().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (!failure) {
    throw new Error(
      `${ids.join(", ")} holds now: take it out of what is expected to fail, in requirements/`,
    );
  }
  // A mistake in the test is a failure, too; it must not pass for the expected one.
  if (says !== undefined) expect(String(failure.error)).toContain(says);
  else if (code === undefined) expect(failure.error).toMatchObject({ name: "AssertionError" });
  else expect(failure.error).toMatchObject({ json: { error: { code } } });
}
