import { TerminalEvent } from "@/studio/contract/terminal.ts";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import { api, terminalUrl } from "../lib/api.ts";
import { followEvents } from "../lib/event-source.ts";
import { notifyFailure } from "../lib/toasts.ts";

export interface TerminalConnectionOptions {
  sandboxId: string;
  terminalId: string;
  /** Bytes to show. With `replay` they are all that there is so far: what was shown goes. */
  onOutput: (bytes: Uint8Array, replay: boolean) => void;
  onExit: (message: string) => void;
  onConnection: (connected: boolean) => void;
  /** The terminal may be gone, with its sandbox or with the studio's last run. */
  onRefused: () => void;
}

export interface TerminalConnection {
  type: (data: string) => void;
  resize: (cols: number, rows: number) => void;
  close: () => void;
}

/**
 * Speaks to one terminal: its output comes as events and is asked for again when the stream breaks; what is typed is
 * sent in the order in which it was typed, together if it came faster than it could be sent.
 */
export function connectTerminal(options: TerminalConnectionOptions): TerminalConnection {
  const { sandboxId, terminalId, onOutput, onExit, onConnection, onRefused } = options;
  let typed = "";
  let size: { cols: number; rows: number } | undefined;
  let sending = false;
  let ended = false;

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      while (!ended && (typed !== "" || size)) {
        if (size) {
          const resize = size;
          size = undefined;
          await api.sendToTerminal(sandboxId, terminalId, { resize });
        } else {
          const data = firstPiece(typed);
          typed = typed.slice(data.length);
          await api.sendToTerminal(sandboxId, terminalId, { data });
        }
      }
    } catch (error) {
      typed = "";
      if (!ended) notifyFailure("The terminal did not take what was typed", error);
    } finally {
      sending = false;
    }
  }

  const stop = followEvents({
    url: terminalUrl(sandboxId, terminalId),
    schema: TerminalEvent,
    onRefused,
    onConnection: (connected) => {
      if (!ended) onConnection(connected);
    },
    onEvent(event) {
      if (event.type === "output") {
        onOutput(toBytes(event.data), event.replay === true);
        return;
      }
      ended = true;
      // The stream has ended for good: asked for again it would only say so again.
      stop();
      onExit(event.message ?? `The shell has ended${codeText(event.exitCode)}.`);
    },
  });

  return {
    type(data) {
      typed += data;
      void send();
    },
    resize(cols, rows) {
      size = { cols, rows };
      void send();
    },
    close() {
      ended = true;
      stop();
    },
  };
}

/** What one request may carry, never cut inside of a character. */
export function firstPiece(text: string): string {
  // A character takes up to three bytes for each of its units.
  const most = Math.floor(STUDIO_LIMITS.terminalInputBytes / 3);
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd8_00 && last <= 0xdb_ff ? most - 1 : most);
}

function toBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function codeText(exitCode: number | undefined): string {
  return exitCode === undefined ? "" : ` with code ${exitCode}`;
}
