import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { makeToken, provideToken } from "./oidc-token.ts";

const HOUR_MS = 60 * 60 * 1_000;

afterEach(() => {
  vi.restoreAllMocks();
});

async function inFolder(files: Record<string, string> = {}) {
  const directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(files))
    await writeFile(join(directory.path, name), content);
  const folder = directory.path;
  const before = process.cwd();
  process.chdir(folder);
  return {
    async [Symbol.asyncDispose]() {
      process.chdir(before);
      await directory[Symbol.asyncDispose]();
    },
  };
}

function claimsOf(token: string | undefined): unknown {
  return JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString("utf8"));
}

test("makes a token that the vendor's CLI takes for a JWT, with the claims that the SDK reads", () => {
  const token = makeToken();
  expect(z.jwt().safeParse(token).success).toBe(true);
  expect(claimsOf(token)).toMatchObject({ owner_id: "team_sandlot", project_id: "prj_sandlot" });
  expect(claimsOf(token)).not.toHaveProperty("exp");
});

test.each([
  ["none", undefined],
  ["an empty one", ""],
  ["one that has expired", makeToken({ expiresAt: Date.now() - HOUR_MS })],
  ["one that is about to expire", makeToken({ expiresAt: Date.now() + 60_000 })],
  ["one that is no token", "abc"],
  ["one without claims", "a.e30.b"],
  ["one whose claims are no JSON", "a.b.c"],
])("is made up in place of %s", async (_, given) => {
  await using _folder = await inFolder();
  const env: NodeJS.ProcessEnv = given === undefined ? {} : { VERCEL_OIDC_TOKEN: given };
  provideToken(env);
  expect(env["VERCEL_OIDC_TOKEN"]).toBe(makeToken());
});

test("leaves a good token alone", async () => {
  await using _folder = await inFolder();
  const good = makeToken({ expiresAt: Date.now() + HOUR_MS });
  const env = { VERCEL_OIDC_TOKEN: good };
  provideToken(env);
  expect(env.VERCEL_OIDC_TOKEN).toBe(good);
});

test("takes a good token from the files that the program would load later", async () => {
  const good = makeToken({ expiresAt: Date.now() + HOUR_MS });
  const old = makeToken({ expiresAt: Date.now() - HOUR_MS });
  await using _folder = await inFolder({
    ".env.local": `VERCEL_OIDC_TOKEN="${old}"\n`,
    ".env": `# pulled\nVERCEL_OIDC_TOKEN="${good}"\n`,
  });
  const env: NodeJS.ProcessEnv = {};
  provideToken(env);
  expect(env["VERCEL_OIDC_TOKEN"]).toBe(good);
});
