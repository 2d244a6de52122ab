import * as z from "zod";
import { type DaytonaContext, done, json, type ToolboxEndpoint } from "./answers.ts";
import { FilePath } from "./file-endpoints.ts";
import { Git } from "./git.ts";
import { readStatus } from "./git-status.ts";
import { readQuery, readToolboxJson } from "./read-request.ts";

// What begins with a dash would be an option of git's.
const Word = z
  .string()
  .min(1)
  .regex(/^[^-\0][^\0]*$/, { message: "a name does not begin with a dash" });
const Url = z.string().regex(/^[^-\0][^\0]*$/, { message: "a URL does not begin with a dash" });
const Scope = z.enum(["global", "local", "system"]).default("global");
const Credentials = { username: z.string().optional(), password: z.string().optional() };

const Path = z.object({ path: FilePath });
const Branch = Path.extend({ name: Word });
const Clone = Path.extend({
  url: Url,
  branch: Word.optional(),
  commit_id: Word.optional(),
  depth: z.int().positive().optional(),
  insecure_skip_tls: z.boolean().optional(),
  ...Credentials,
});
const Commit = Path.extend({
  message: z.string(),
  author: z.string().min(1),
  email: z.string().min(1),
  allow_empty: z.boolean().optional(),
});
const Transfer = Path.extend({ branch: Word.optional(), remote: Word.optional(), ...Credentials });
const Push = Transfer.extend({ set_upstream: z.boolean().optional() });
const Remote = Branch.extend({
  url: Url,
  fetch: z.boolean().optional(),
  overwrite: z.boolean().optional(),
});
const Init = Path.extend({ bare: z.boolean().optional(), initial_branch: Word.optional() });
const Reset = Path.extend({
  mode: z.enum(["soft", "mixed", "hard", "merge", "keep"]).optional(),
  target: Word.optional(),
  files: z.array(z.string()).optional(),
});
const Restore = Path.extend({
  files: z.array(z.string()).min(1),
  staged: z.boolean().optional(),
  worktree: z.boolean().optional(),
  source: Word.optional(),
});
const ConfigKey = z.object({ key: Word, path: FilePath.optional(), scope: Scope });
const Config = ConfigKey.extend({ value: z.string() });
const User = z.object({
  name: z.string(),
  email: z.string(),
  path: FilePath.optional(),
  scope: Scope,
});
const Login = z.object({
  username: z.string().min(1),
  password: z.string(),
  host: z.string().default("github.com"),
  protocol: z.string().default("https"),
});

/** `/git`: the sandbox's own git, asked in the vendor's words. */
export function gitEndpoints({ engine }: DaytonaContext): ToolboxEndpoint[] {
  const endpoint = <Schema extends z.ZodType>(
    method: "POST" | "DELETE",
    path: string,
    schema: Schema,
    work: (git: Git, body: z.output<Schema>) => Promise<Response>,
  ): ToolboxEndpoint => ({
    method,
    path: `/git${path}`,
    async answer({ request, session }) {
      const body = await readToolboxJson(request, schema, "a call of git");
      return work(new Git(engine, session, request), body);
    },
  });
  const question = <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    work: (git: Git, query: z.output<Schema>) => Promise<Response>,
  ): ToolboxEndpoint => ({
    method: "GET",
    path: `/git${path}`,
    async answer({ request, url, session }) {
      const query = readQuery(url, schema, "a question to git");
      return work(new Git(engine, session, request), query);
    },
  });
  return [
    endpoint("POST", "/clone", Clone, async (git, body) => {
      const options = [
        ...(body.branch === undefined ? [] : ["--branch", body.branch]),
        ...(body.depth === undefined ? [] : ["--depth", `${body.depth}`]),
      ];
      const insecure = body.insecure_skip_tls ? ["-c", "http.sslVerify=false"] : [];
      await git.run([...insecure, "clone", ...options, "--", body.url, body.path], {
        credentials: body,
      });
      if (body.commit_id !== undefined) await git.in(body.path, ["checkout", body.commit_id, "--"]);
      return done();
    }),
    question("/status", Path, async (git, { path }) => {
      const porcelain = await git.in(path, ["status", "--porcelain=v2", "--branch", "-z"]);
      return json(readStatus(porcelain));
    }),
    endpoint(
      "POST",
      "/add",
      Path.extend({ files: z.array(z.string()) }),
      async (git, { path, files }) => {
        await git.in(path, ["add", "--", ...files]);
        return done();
      },
    ),
    endpoint("POST", "/commit", Commit, async (git, body) => {
      const { path, message, author, email } = body;
      const who = ["-c", `user.name=${author}`, "-c", `user.email=${email}`];
      const empty = body.allow_empty ? ["--allow-empty"] : [];
      await git.in(path, [...who, "commit", ...empty, "-m", message]);
      return json({ hash: (await git.in(path, ["rev-parse", "HEAD"])).trim() });
    }),
    question("/branches", Path, async (git, { path }) => {
      const listed = await git.in(path, ["branch", "--format=%(refname:short)"]);
      const current = (await git.in(path, ["branch", "--show-current"])).trim();
      // A detached head stands in the list in brackets.
      const branches = listed.split("\n").filter((name) => name !== "" && !name.startsWith("("));
      return json({ branches, ...(current && { current }) });
    }),
    endpoint("POST", "/branches", Branch, async (git, { path, name }) => {
      await git.in(path, ["branch", name]);
      return done(201);
    }),
    endpoint("DELETE", "/branches", Branch, async (git, { path, name }) => {
      await git.in(path, ["branch", "-D", name]);
      return done(204);
    }),
    endpoint("POST", "/checkout", Path.extend({ branch: Word }), async (git, { path, branch }) => {
      // Without the dashes a file of the name would be checked out, and its changes lost.
      await git.in(path, ["checkout", branch, "--"]);
      return done();
    }),
    endpoint("POST", "/push", Push, async (git, body) => {
      const upstream = body.set_upstream ? ["--set-upstream"] : [];
      await git.in(body.path, ["push", ...upstream, ...(await git.target(body))], {
        credentials: body,
      });
      return done();
    }),
    endpoint("POST", "/pull", Transfer, async (git, body) => {
      await git.in(body.path, ["pull", ...(await git.target(body, { pulls: true }))], {
        credentials: body,
      });
      return done();
    }),
    question("/remotes", Path, async (git, { path }) => {
      const listed = await git.in(path, ["remote"]);
      const names = listed.split("\n").filter((name) => name !== "");
      const remotes = [];
      for (const name of names) {
        remotes.push({ name, url: (await git.in(path, ["remote", "get-url", name])).trim() });
      }
      return json({ remotes });
    }),
    endpoint("POST", "/remotes", Remote, async (git, { path, name, url, fetch, overwrite }) => {
      const known = (await git.in(path, ["remote"])).split("\n").includes(name);
      const change = overwrite && known ? ["set-url", name, url] : ["add", name, url];
      await git.in(path, ["remote", ...change]);
      if (fetch) await git.in(path, ["fetch", name]);
      return done(201);
    }),
    endpoint("POST", "/init", Init, async (git, { path, bare, initial_branch: branch }) => {
      const options = [
        ...(bare ? ["--bare"] : []),
        ...(branch ? ["--initial-branch", branch] : []),
      ];
      await git.run(["init", ...options, "--", path]);
      return done(201);
    }),
    endpoint("POST", "/reset", Reset, async (git, { path, mode, target, files }) => {
      const how = mode === undefined ? [] : [`--${mode}`];
      const what = target ? [target] : [];
      await git.in(path, ["reset", ...how, ...what, "--", ...(files ?? [])]);
      return done();
    }),
    endpoint("POST", "/restore", Restore, async (git, body) => {
      const how = [
        ...(body.staged ? ["--staged"] : []),
        ...(body.worktree ? ["--worktree"] : []),
        ...(body.source ? [`--source=${body.source}`] : []),
      ];
      await git.in(body.path, ["restore", ...how, "--", ...body.files]);
      return done();
    }),
    question("/config", ConfigKey, async (git, { key, scope, path }) => {
      const value = await git.config(scope, path, ["--get", key]);
      return json(value === undefined ? {} : { value });
    }),
    endpoint("POST", "/config", Config, async (git, { key, value, scope, path }) => {
      await git.config(scope, path, [key, value]);
      return done();
    }),
    endpoint("POST", "/config/user", User, async (git, { name, email, scope, path }) => {
      await git.config(scope, path, ["user.name", name]);
      await git.config(scope, path, ["user.email", email]);
      return done();
    }),
    endpoint("POST", "/credentials", Login, async (git, login) => {
      await git.config("global", undefined, ["credential.helper", "store"]);
      const { protocol, host, username, password } = login;
      const lines = { protocol, host, username, password };
      await git.approve(lines);
      return done();
    }),
  ];
}
