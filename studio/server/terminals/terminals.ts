import { StudioError } from "../../contract/errors.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import type { OpenTerminalRequest, TerminalInfo } from "../../contract/terminal.ts";
import { newId } from "../database/new-id.ts";
import { runningSandbox } from "../sandboxes/find-sandbox.ts";
import { Terminal } from "./terminal.ts";

/** The terminals that are open, by their sandboxes. They end with the studio's process. */
export class Terminals implements Disposable {
  readonly #open = new Map<string, Map<string, Terminal>>();
  #count = 0;

  /** Opens one; a stopped sandbox is started. Throws `too_many`, or what the engine says. */
  async open(sandboxId: string, size: OpenTerminalRequest): Promise<TerminalInfo> {
    const terminals = this.#open.get(sandboxId) ?? new Map<string, Terminal>();
    this.#open.set(sandboxId, terminals);
    // Those that ended were kept for who was away.
    for (const [id, { isOpen }] of terminals) if (!isOpen) terminals.delete(id);
    if (terminals.size >= STUDIO_LIMITS.terminalsPerSandbox) {
      throw new StudioError(
        "too_many",
        `There are ${terminals.size} terminals open in this sandbox, which is the most. Close one first.`,
      );
    }
    this.#count += 1;
    const info = { terminalId: newId(), title: `Terminal ${this.#count}` };
    const sandbox = await runningSandbox(sandboxId);
    const terminal = await Terminal.open(sandbox, { info, ...size });
    terminals.set(info.terminalId, terminal);
    return info;
  }

  /** Those that go on, oldest first. */
  list(sandboxId: string): TerminalInfo[] {
    return [...(this.#open.get(sandboxId)?.values() ?? [])]
      .filter(({ isOpen }) => isOpen)
      .map(({ info }) => info);
  }

  /** Throws `terminal_not_found`. */
  get(sandboxId: string, terminalId: string): Terminal {
    const terminal = this.#open.get(sandboxId)?.get(terminalId);
    if (terminal) return terminal;
    throw new StudioError("terminal_not_found", "This terminal has ended. Open a new one.", {
      field: "terminalId",
    });
  }

  /** Ends the shell with all that it runs. Throws `terminal_not_found`. */
  close(sandboxId: string, terminalId: string): void {
    using _terminal = this.get(sandboxId, terminalId);
    this.#open.get(sandboxId)?.delete(terminalId);
  }

  [Symbol.dispose](): void {
    for (const terminals of this.#open.values()) {
      for (const terminal of terminals.values()) terminal[Symbol.dispose]();
    }
    this.#open.clear();
  }
}
