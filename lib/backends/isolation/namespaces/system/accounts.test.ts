import { describe, expect, test } from "vitest";
import { firstNamed, sandboxAccounts } from "./accounts.ts";

const HOST = {
  passwd: [
    "root:x:0:0:root:/root:/bin/zsh",
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
    "alice:x:1000:1000:Alice Doe,Room 1,555-1234:/home/alice:/bin/bash",
    "bob:x:1001:1001::/home/bob:/bin/bash",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
    "+nis::::::",
    "",
  ].join("\n"),
  group: "root:x:0:\ndaemon:x:1:\nsudo:x:27:alice,bob\nalice:x:1000:\nnogroup:x:65534:\n",
};

describe("a sandbox's accounts", () => {
  test("are the system's and the default user's", () => {
    expect(sandboxAccounts(HOST).passwd).toBe(
      [
        "root:x:0:0:root:/root:/bin/bash",
        "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin",
        "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin",
        "vercel-sandbox:x:1000:1000::/vercel:/bin/bash",
        "user:x:1000:1000::/home/user:/bin/bash",
        "daytona:x:1000:1000::/home/daytona:/bin/bash",
        "",
      ].join("\n"),
    );
  });

  test("are told with another of the default user's names first", () => {
    const { passwd, group } = sandboxAccounts(HOST);
    const names = (table: string) =>
      table
        .trim()
        .split("\n")
        .map((line) => line.split(":")[0]);
    expect(names(firstNamed(passwd, "daytona"))).toEqual([
      "root",
      "daemon",
      "nobody",
      "daytona",
      "vercel-sandbox",
      "user",
    ]);
    expect(names(firstNamed(group, "user")).slice(-3)).toEqual([
      "user",
      "vercel-sandbox",
      "daytona",
    ]);
    expect(firstNamed(passwd, "vercel-sandbox")).toBe(passwd);
  });

  test("name nobody of the host's people, in no file", () => {
    const all = Object.values(sandboxAccounts(HOST)).join("");
    expect(all).not.toMatch(/alice|bob|nis|555/i);
  });

  test("have groups without members, and no passwords", () => {
    const { group, shadow, gshadow } = sandboxAccounts(HOST);
    expect(group).toBe(
      "root:x:0:\ndaemon:x:1:\nsudo:x:27:\nnogroup:x:65534:\n" +
        "vercel-sandbox:x:1000:\nuser:x:1000:\ndaytona:x:1000:\n",
    );
    for (const line of [...shadow.trim().split("\n"), ...gshadow.trim().split("\n")]) {
      expect(line.split(":")[1]).toBe("*");
    }
  });
});
