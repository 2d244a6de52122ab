import { expect, test } from "vitest";
import { isolationChecks } from "./isolation-checks.ts";

const REASON = { offered: false, reason: "There is none." } as const;

test("`process` is called no isolation, and a policy that is not enforced is warned of", () => {
  const features = { users: REASON, networkPolicy: REASON, privateFiles: REASON };
  expect(isolationChecks({ name: "process", features })).toEqual([
    expect.objectContaining({
      name: "isolation",
      level: "warn",
      detail: expect.stringContaining("This is NO isolation"),
    }),
    { name: "users and sudo", level: "info", detail: "not offered: There is none." },
    { name: "network policy", level: "warn", detail: "recorded, but NOT enforced: There is none." },
    { name: "private files", level: "info", detail: "not offered: There is none." },
  ]);
});

test("`namespaces` says what it offers, and why not all", () => {
  const features = { privateFiles: { offered: true }, limits: REASON } as const;
  expect(isolationChecks({ name: "namespaces", features })).toEqual([
    { name: "isolation", level: "ok", detail: "`namespaces`" },
    { name: "private files", level: "ok", detail: "offered" },
    { name: "limits", level: "info", detail: "not offered: There is none." },
  ]);
});
