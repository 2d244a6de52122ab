import { once } from "node:events";
import { describe, expect } from "vitest";
import WebSocket from "ws";
import { forEachTransport } from "./harness.ts";
import { goneProcesses, processesWith, uniqueSeconds } from "./processes.ts";
import { proves } from "./proves.ts";

/** The client's side of a terminal, as the vendor's CLI plays it. */
class TerminalClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  #screen = "";
  #exit: number | undefined;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.#screen += data.toString("utf8");
      else this.#exit = (JSON.parse(data.toString()) as { code: number }).code;
      this.#notify();
    });
    socket.on("close", () => this.#notify());
  }

  static async open({ url, token }: { url: string; token: string }, start: object) {
    const socket = new WebSocket(`${url}?token=${encodeURIComponent(token)}`);
    const client = new TerminalClient(socket);
    await once(socket, "open");
    socket.send(
      JSON.stringify({
        type: "start",
        command: "sh",
        args: [],
        env: ["TERM=xterm-256color", "PS1=> "],
        cwd: "/vercel/sandbox",
        cols: 100,
        rows: 30,
        ...start,
      }),
    );
    return client;
  }

  type(text: string): void {
    this.#socket.send(Buffer.from(text), { binary: true });
  }

  resize(cols: number, rows: number): void {
    this.#socket.send(JSON.stringify({ type: "resize", cols, rows }));
  }

  async see(text: string): Promise<string> {
    while (!this.#screen.includes(text)) {
      if (this.#socket.readyState === WebSocket.CLOSED)
        throw new Error(`closed at ${this.#screen}`);
      await this.#changed.promise;
    }
    return this.#screen;
  }

  async exit(): Promise<number | undefined> {
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, "close");
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.terminate();
    await once(this.#socket, "close");
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

forEachTransport((connection) => {
  describe("terminals", () => {
    proves(
      "INT-001",
      "INT-002",
      "INT-003",
      "INT-005",
    )("run a command to its exit code", async () => {
      await using sandbox = await connection().create();
      const access = await sandbox.openInteractive();
      expect(access.url).toMatch(/^wss?:\/\/[^?]+$/);
      expect(access.token).not.toBe("");
      await using terminal = await TerminalClient.open(access, {});
      await terminal.see("> ");
      terminal.type("test -t 0 && test -t 1 && echo is a $((40 + 2)) terminal\r");
      await terminal.see("is a 42 terminal");
      terminal.type("exit 7\r");
      expect(await terminal.exit()).toBe(7);
    });

    proves("INT-004", "INT-007")("have the size and the variables that are asked for", async () => {
      await using sandbox = await connection().create({ env: { OF_SANDBOX: "1" } });
      await using terminal = await TerminalClient.open(await sandbox.openInteractive(), {
        env: ["TERM=xterm-256color", "PS1=> ", "OF_FRAME=two words"],
      });
      terminal.type('stty size; echo "$OF_SANDBOX|$OF_FRAME|$TERM"\r');
      await terminal.see("30 100\r\n");
      await terminal.see("1|two words|xterm-256color");
      terminal.resize(77, 22);
      terminal.type("stty size\r");
      await terminal.see("22 77\r\n");
    });

    proves("INT-006")("need their token", async () => {
      await using sandbox = await connection().create();
      const { url, token } = await sandbox.openInteractive();
      for (const query of ["", "?token=", `?token=${token}x`]) {
        const socket = new WebSocket(`${url}${query}`);
        const [error] = (await once(socket, "error")) as [Error];
        expect(error.message).toMatch(/40[13]/);
      }
    });

    proves("INT-008")("that are left behind end their command", async () => {
      await using sandbox = await connection().create();
      const sleep = `sleep ${uniqueSeconds()}`;
      {
        await using terminal = await TerminalClient.open(await sandbox.openInteractive(), {
          args: ["-c", `(trap '' HUP; exec ${sleep}) & echo started; ${sleep}`],
        });
        await terminal.see("started");
        expect((await processesWith(sandbox, sleep)).length).toBeGreaterThan(0);
      }
      // The test's own time bounds how long this may take.
      await goneProcesses(sandbox, sleep);
    });
  });
});
