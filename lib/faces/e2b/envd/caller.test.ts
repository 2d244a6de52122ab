import { expect, test } from "vitest";
import { aSandbox } from "../../../testing/store-rows.ts";
import { callerNamed, callerOf, resolvePath } from "./caller.ts";

const own = aSandbox({ user: "user", home: "/home/user", cwd: "/home/user" });
const foreign = aSandbox({ user: "vercel-sandbox", home: "/vercel", cwd: "/vercel/sandbox" });
const built = (user: string) => ({
  ...own,
  template: { templateId: "t", buildId: "b", name: "n", user },
});

test.each([
  [own, undefined, "a.txt", "/home/user/a.txt"],
  [own, undefined, "../b", "/home/b"],
  [own, undefined, "~/c", "/home/user/c"],
  [own, undefined, "/d/../e", "/e"],
  [own, "root", "f", "/root/f"],
  [own, "daytona", "~", "/home/daytona"],
  [own, "postgres", "g", "/home/postgres/g"],
  [foreign, undefined, "h", "/vercel/sandbox/h"],
  [foreign, undefined, "~/i", "/vercel/i"],
  [foreign, "user", "j", "/home/user/j"],
  [foreign, undefined, "", "/vercel/sandbox"],
  [built("root"), undefined, "k", "/root/k"],
  [built("vercel-sandbox"), undefined, "l", "/home/user/l"],
  [built("root"), "user", "m", "/home/user/m"],
])("in $user's sandbox, as %s, %s is %s", (sandbox, user, path, expected) => {
  const caller = callerNamed(user, sandbox);
  expect(resolvePath(path, { sandbox, caller })).toBe(expected);
});

test.each([
  ["Basic dXNlcjo=", "user"],
  ["basic cm9vdDo=", "root"],
  ["Basic Og==", undefined],
  ["Bearer dXNlcjo=", undefined],
  ["Basic ***", undefined],
  [undefined, undefined],
])("the user of %s is %s", (authorization, user) => {
  const headers = authorization === undefined ? {} : { authorization };
  expect(callerOf(new Request("http://envd.test", { headers }), own).user).toBe(user);
});
