import type { Terminals } from "./engine.ts";
import type { LiveSessions } from "./live-sessions.ts";
import type { Terminal, TerminalSpec } from "./ports.ts";
import { resolvePath } from "./resolve-path.ts";

/** Terminals in running sessions. */
export class SandboxTerminals implements Terminals {
  readonly #sessions: LiveSessions;

  constructor({ sessions }: { sessions: LiveSessions }) {
    this.#sessions = sessions;
  }

  async open(
    sessionId: string,
    { sudo = false, env, cwd, ...spec }: Omit<TerminalSpec, "sudo"> & { sudo?: boolean },
  ): Promise<Terminal> {
    const { root, sandbox, session, ending } = await this.#sessions.require(sessionId);
    const terminal = await root.openTerminal({
      ...spec,
      sudo,
      env: { ...sandbox.env, ...env },
      cwd: resolvePath(session.cwd, cwd),
    });
    // The session's end ends it by itself; a terminal that opened too late is closed here.
    if (!ending.aborted) return terminal;
    await terminal[Symbol.asyncDispose]();
    throw ending.reason;
  }
}
