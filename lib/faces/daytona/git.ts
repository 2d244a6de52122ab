import { SandboxError } from "../../contract/errors.ts";
import type { Session } from "../../contract/sandbox.ts";
import type { Engine, Waiting } from "../../engine/engine.ts";
import { DaytonaFault } from "./faults.ts";
import { type Finished, runCommand } from "./run-command.ts";

interface Credentials {
  username?: string | undefined;
  password?: string | undefined;
}

interface GitOptions {
  cwd?: string;
  credentials?: Credentials;
  /** All that it can read. */
  input?: string;
}

// In English, whatever the sandbox speaks, and without asking anybody.
const VARIABLES = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };

/** Gives git the credentials of one call, so that they stand in no file and in no list of processes. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SANDLOT_GIT_USERNAME" "$SANDLOT_GIT_PASSWORD"; }; f';

/**
 * What git says on failing, and what this vendor calls it. Git has one exit code for all of it, so that its words
 * have to be read; the first that fits counts.
 */
const FAULTS: readonly { says: RegExp; status: number; code: string }[] = [
  {
    says: /not a git repository|does not appear to be a git repository|cannot change to/i,
    status: 404,
    code: "GIT_REPO_NOT_FOUND",
  },
  { says: /repository .* (?:not found|does not exist)/i, status: 404, code: "GIT_REPO_NOT_FOUND" },
  {
    says: /authentication failed|could not read username|could not read password|permission denied \(publickey/i,
    status: 401,
    code: "GIT_AUTH_FAILED",
  },
  { says: /a branch named .* already exists/i, status: 409, code: "GIT_BRANCH_EXISTS" },
  {
    says: /branch .* not found|did not match any file\(s\) known to git|couldn't find remote ref|invalid reference|src refspec .* does not match/i,
    status: 404,
    code: "GIT_BRANCH_NOT_FOUND",
  },
  {
    says: /would be overwritten by|commit your changes or stash them/i,
    status: 409,
    code: "GIT_DIRTY_WORKTREE",
  },
  { says: /merge conflict|conflict \(/i, status: 409, code: "GIT_MERGE_CONFLICT" },
  { says: /\[remote rejected\]/i, status: 422, code: "GIT_REMOTE_REJECTED" },
  { says: /\[rejected\]|failed to push some refs/i, status: 409, code: "GIT_PUSH_REJECTED" },
  {
    says: /could not resolve host|connection refused|unable to access|could not read from remote/i,
    status: 502,
    code: "GIT_TRANSPORT_FAILED",
  },
];

/** The git of a sandbox, for one call. */
export class Git {
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #waiting: Waiting;

  constructor(engine: Engine, session: Session, { signal }: Waiting) {
    this.#engine = engine;
    this.#session = session;
    this.#waiting = signal ? { signal } : {};
  }

  /** In a repository: what git wrote. Throws the vendor's fault for what git refuses. */
  async in(path: string, args: string[], options: GitOptions = {}): Promise<string> {
    try {
      return await this.run(args, { ...options, cwd: path });
    } catch (error) {
      if (!SandboxError.is(error) || error.code !== "directory_not_found") throw error;
      throw new DaytonaFault(
        { status: 404, code: "GIT_REPO_NOT_FOUND" },
        `there is no repository at ${path}`,
        {
          cause: error,
        },
      );
    }
  }

  async run(args: string[], options: GitOptions = {}): Promise<string> {
    const finished = await this.#start(args, options);
    if (finished.exitCode === 0) return finished.stdout;
    throw faultOf(args, finished);
  }

  /** Gives what a key has; undefined for one that is not set. */
  async config(
    scope: string,
    path: string | undefined,
    args: string[],
  ): Promise<string | undefined> {
    const words = ["config", `--${scope}`, ...args];
    const finished = await this.#start(words, path === undefined ? {} : { cwd: path });
    if (finished.exitCode === 0) return finished.stdout.replace(/\n$/, "");
    // By this code git says that there is no such key.
    if (finished.exitCode === 1 && args[0] === "--get") return undefined;
    throw faultOf(words, finished);
  }

  /** Puts credentials where git's own helper keeps them. */
  async approve(fields: Record<string, string>): Promise<void> {
    if (Object.values(fields).some((value) => /[\n\0]/.test(value))) {
      throw new SandboxError("invalid_request", "Credentials hold no line ends.");
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}=${value}\n`);
    await this.run(["credential", "approve"], { input: `${lines.join("")}\n` });
  }

  /** What a push or a pull is about: where to, and which branch, if that is said. */
  async target(
    {
      path,
      remote,
      branch,
    }: { path: string; remote?: string | undefined; branch?: string | undefined },
    { pulls = false }: { pulls?: boolean } = {},
  ): Promise<string[]> {
    if (branch !== undefined) return [remote ?? "origin", branch];
    if (pulls) return remote === undefined ? [] : [remote];
    // A new branch has no counterpart yet: then the one of the same name is meant.
    const current = (await this.in(path, ["branch", "--show-current"])).trim();
    return [remote ?? "origin", current === "" ? "HEAD" : current];
  }

  #start(args: string[], { cwd, credentials, input }: GitOptions): Promise<Finished> {
    const { username, password } = credentials ?? {};
    const hasThem = username !== undefined || password !== undefined;
    const helper = hasThem ? ["-c", "credential.helper=", "-c", `credential.helper=${HELPER}`] : [];
    return runCommand(
      this.#engine,
      this.#session.id,
      {
        cmd: "git",
        args: [...helper, ...args],
        env: {
          ...VARIABLES,
          ...(hasThem && {
            SANDLOT_GIT_USERNAME: username ?? "git",
            SANDLOT_GIT_PASSWORD: password ?? "",
          }),
        },
        ...(cwd !== undefined && { cwd }),
      },
      { ...this.#waiting, ...(input !== undefined && { input }) },
    );
  }
}

function faultOf(args: string[], { stdout, stderr }: Finished): DaytonaFault {
  const said = `${stderr}${stdout}`.trim();
  const known = FAULTS.find(({ says }) => says.test(said));
  const verb = args.find((word) => !word.startsWith("-") && !word.includes("=")) ?? "git";
  return new DaytonaFault(known ?? { status: 400, code: "BAD_REQUEST" }, `git ${verb}: ${said}`);
}
