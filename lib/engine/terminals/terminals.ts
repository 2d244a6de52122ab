import type { Terminals } from "../engine.ts";
import { identityOf } from "../commands/command-user.ts";
import type { LiveSessions } from "../sessions/live-sessions.ts";
import type { Clock, Terminal } from "../ports.ts";
import { resolvePath } from "../resolve-path.ts";
import { TerminalKeeper } from "./terminal-keeper.ts";

/** Terminals in running sessions: those of whoever opens them, and those that are kept. */
export class SandboxTerminals extends TerminalKeeper implements Terminals {
  readonly #sessions: LiveSessions;

  constructor({ sessions, clock }: { sessions: LiveSessions; clock: Clock }) {
    super({
      open: (sessionId, { id: _id, cwd, ...spec }) =>
        this.open(sessionId, { ...spec, ...(cwd !== undefined && { cwd }) }),
      enter: async (sessionId) => void (await sessions.require(sessionId)),
      inUse: (sessionId) => sessions.inUse(sessionId),
      isFrozen: (sessionId) => sessions.isFrozen(sessionId),
      directoryOf: (sessionId, cwd) => resolvePath(sessions.known(sessionId).cwd, cwd),
      clock,
    });
    this.#sessions = sessions;
  }

  async open(
    sessionId: string,
    { sudo = false, user, env, cwd, ...spec }: Parameters<Terminals["open"]>[1],
  ): Promise<Terminal> {
    identityOf({ sudo, user });
    await this.#sessions.require(sessionId);
    const { terminal, ending } = await this.#sessions.enter(sessionId, async (live) => ({
      ending: live.ending,
      terminal: await live.root.openTerminal({
        ...spec,
        ...identityOf({ sudo, user }, live.user),
        env: { ...live.env, ...env },
        cwd: resolvePath(live.session.cwd, cwd),
      }),
    }));
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
