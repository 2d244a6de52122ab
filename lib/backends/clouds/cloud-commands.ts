import { posix } from "node:path";
import type * as z from "zod";
import {
  Command,
  CommandRequest,
  type CommandRequestInput,
  type OutputBytes,
  type OutputChunk,
} from "../../contract/command.ts";
import { DEFAULTS } from "../../contract/defaults.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Page, PageRequest } from "../../contract/page.ts";
import type { Commands, Waiting } from "../../engine/engine.ts";
import { parseRequest } from "../../engine/parse-request.ts";
import type { Store } from "../../engine/ports.ts";
import { newId } from "../../std/ids.ts";
import { refusal, requireCapability } from "./capabilities.ts";
import { checkVariables } from "./check-requests.ts";
import type { Cloud } from "./cloud.ts";
import type { CloudPart } from "./cloud-sandboxes.ts";
import { GUEST } from "./guest-scripts.ts";
import { cloudIdOf } from "./sandbox-label.ts";

/** What is kept of a command beside its output, inside the sandbox. */
const CommandRecord = Command.pick({
  id: true,
  sandboxName: true,
  cmd: true,
  args: true,
  cwd: true,
  sudo: true,
  timeoutMs: true,
  startedAt: true,
});
type CommandRecord = z.output<typeof CommandRecord>;

const LOST = 255;

/** Commands that belong to their sandbox: whoever knows it sees them, with all that they wrote. */
export class CloudCommands implements Commands {
  readonly #cloud: Cloud;
  readonly #store: Store;

  constructor({ cloud, store }: CloudPart) {
    this.#cloud = cloud;
    this.#store = store;
  }

  async start(
    sessionId: string,
    input: CommandRequestInput,
    { signal }: Waiting = {},
  ): Promise<Command> {
    const request = parseRequest(CommandRequest, input, "command");
    const { cmd, args, env, user, timeoutMs, attachStdin } = request;
    if (attachStdin) requireCapability(this.#cloud, "stdin", "attachStdin");
    if (user !== undefined && user !== "root" && user !== DEFAULTS.user) {
      throw refusal(this.#cloud, "users", `a command as ${user}`);
    }
    const sudo = request.sudo || user === "root";
    if (sudo) requireCapability(this.#cloud, "sudo", "sudo");
    checkVariables(env);
    const cwd = posix.resolve(DEFAULTS.cwd, request.cwd ?? ".");
    const sandboxName = this.#store.sessions.get(sessionId)?.sandboxName ?? sessionId;
    const id = newId("cmd");
    const record: CommandRecord = {
      id,
      sandboxName,
      cmd,
      args,
      cwd,
      sudo,
      ...(timeoutMs !== undefined && { timeoutMs }),
      startedAt: Date.now(),
    };
    const script = GUEST.start({
      id,
      cwd,
      sudo,
      timeoutMs,
      record: Buffer.from(JSON.stringify(record)).toString("base64"),
      env,
      argv: [cmd, ...args],
    });
    const { stdout, exitCode } = await this.#run(sessionId, script, signal);
    const [answer, pid] = stdout.trim().split(" ");
    if (answer === "directory") {
      throw new SandboxError("directory_not_found", `${cwd} is no directory in the sandbox.`);
    }
    if (answer === "executable") {
      throw new SandboxError("executable_not_found", `${cmd} was not found in the sandbox.`);
    }
    if (answer !== "started") {
      const message = `The command could not be started in the sandbox (${exitCode}): ${stdout.trim()}`;
      throw new SandboxError("isolation_unavailable", message);
    }
    return { ...record, sessionId, exitCode: null, ...(pid && { pid: Number(pid) }) };
  }

  async get(sessionId: string, commandId: string): Promise<Command> {
    const [found] = await this.#show(sessionId, commandId);
    if (found) return found;
    throw new SandboxError("command_not_found", `There is no command ${commandId}.`);
  }

  list(sessionId: string, page: PageRequest): Page<Command> {
    return this.#store.commands.page({ ...page, sortBy: "startedAt", equals: { sessionId } });
  }

  /** Looks which commands a sandbox has. */
  async refresh(sessionId: string): Promise<void> {
    const seen = await this.#show(sessionId);
    this.#store.transaction(() => {
      for (const each of seen) this.#store.commands.put(each);
    });
  }

  async wait(sessionId: string, commandId: string, { signal }: Waiting = {}): Promise<Command> {
    const command = await this.get(sessionId, commandId);
    if (command.exitCode !== null) return command;
    const { stdout } = await this.#run(sessionId, GUEST.wait(commandId), signal);
    return ended(command, stdout);
  }

  async *output(
    sessionId: string,
    commandId: string,
    { signal, follow = true }: Waiting & { follow?: boolean } = {},
  ): AsyncGenerator<OutputChunk, void, void> {
    const line = follow ? GUEST.follow(commandId) : GUEST.soFar(commandId);
    const pieces = this.#cloud.stream(idOf(sessionId), line, { signal });
    for await (const piece of pieces) yield { ...piece, at: Date.now() };
  }

  // oxlint-disable-next-line require-yield -- it has nothing to give, and says so
  async *outputBytes(): AsyncGenerator<OutputBytes, void, void> {
    throw refusal(this.#cloud, "output", "output as bytes");
  }

  async kill(sessionId: string, commandId: string, signal: number): Promise<Command> {
    const command = await this.get(sessionId, commandId);
    const { exitCode, stdout } = await this.#run(sessionId, GUEST.kill(commandId, signal));
    if (exitCode === 0) return command;
    throw new SandboxError(
      "unsupported",
      `Signal ${signal} was to reach command ${commandId}, but did not reach its processes ${stdout.trim()}: they run as another user, whom only root may signal, and there is no sudo without a password. Stop the sandbox to end them.`,
    );
  }

  async writeStdin(): Promise<never> {
    throw refusal(this.#cloud, "stdin");
  }

  /** One command, if there is such a one, or all. */
  async #show(sessionId: string, commandId?: string): Promise<Command[]> {
    const { stdout } = await this.#run(sessionId, GUEST.show(commandId));
    const lines = stdout.trimEnd().split("\n");
    if (lines.pop() !== "end") {
      // A cloud may answer for a sandbox that is on its way out.
      throw new SandboxError("sandbox_stopped", `Session ${sessionId} ends; resume its sandbox.`);
    }
    return lines.map((line) => commandOf(sessionId, line));
  }

  #run(sessionId: string, line: string, signal?: AbortSignal) {
    return this.#cloud.run(idOf(sessionId), line, { signal });
  }
}

/** The cloud's own id of the session's sandbox. Throws `session_not_found`. */
export function idOf(sessionId: string): string {
  const id = cloudIdOf(sessionId);
  if (id !== undefined) return id;
  throw new SandboxError("session_not_found", `There is no session ${sessionId}.`);
}

function commandOf(sessionId: string, line: string): Command {
  const [encoded = "", pid = "", exit = "", state] = line.split("|");
  const record = CommandRecord.parse(JSON.parse(Buffer.from(encoded, "base64").toString()));
  const command = { ...record, sessionId, exitCode: null, ...(pid && { pid: Number(pid) }) };
  return exit === "" && state === "alive" ? command : ended(command, exit);
}

function ended(command: Command, exit: string): Command {
  const [code = "", at = ""] = exit.trim().split(" ");
  // Its keeper died with it: the sandbox was stopped, or somebody killed both.
  if (!/^\d+$/.test(code)) return { ...command, exitCode: LOST, lost: true };
  const durationMs = Math.max(0, Number(at) - command.startedAt);
  return { ...command, exitCode: Number(code), durationMs };
}
