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
    if (ending.aborted) {
      await terminal[Symbol.asyncDispose]();
      throw ending.reason;
    }
    // An interactive shell ignores SIGTERM: without its terminal being closed
    // it would hold up the session's end for all of the grace time.
    const hangUp = () => void terminal[Symbol.asyncDispose](); // Never rejects; the halt that follows is thorough.
    ending.addEventListener("abort", hangUp, { once: true });
    void terminal.exited.then(() => ending.removeEventListener("abort", hangUp)); // Never rejects.
    return terminal;
  }
}
