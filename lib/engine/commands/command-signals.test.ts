import { constants } from "node:os";
import { expect, test } from "vitest";
import { CommandSignals, requireSignal } from "./command-signals.ts";
import type { Process } from "../ports.ts";

const { SIGCONT, SIGKILL, SIGSTOP, SIGTERM } = constants.signals;

function scripted() {
  const sent: number[] = [];
  let gate: Promise<void> = Promise.resolve();
  const process: Process = {
    handle: null,
    exited: Promise.withResolvers<never>().promise,
    findPid: async () => undefined,
    async signal(signal) {
      await gate;
      sent.push(signal);
    },
  };
  return { sent, process, delay: (until: Promise<void>) => void (gate = until) };
}

test("reach the command in their order, however long one takes", async () => {
  const { sent, process, delay } = scripted();
  const signals = new CommandSignals();
  signals.connect(process);
  const gate = Promise.withResolvers<void>();
  delay(gate.promise);
  const first = signals.fromEngine(SIGSTOP);
  delay(Promise.resolve());
  const second = signals.fromEngine(SIGCONT);
  gate.resolve();
  await Promise.all([first, second]);
  expect(sent).toEqual([SIGSTOP, SIGCONT]);
});

test("what a caller has stopped is continued by a caller alone", async () => {
  const { sent, process } = scripted();
  const signals = new CommandSignals();
  signals.connect(process);
  await signals.fromEngine(SIGSTOP);
  await signals.fromCaller(SIGSTOP);
  await signals.fromEngine(SIGCONT);
  expect(sent).toEqual([SIGSTOP, SIGSTOP]);
  await signals.fromCaller(SIGTERM);
  await signals.fromCaller(SIGCONT);
  await signals.fromEngine(SIGSTOP);
  await signals.fromEngine(SIGCONT);
  expect(sent.slice(2)).toEqual([SIGTERM, SIGCONT, SIGSTOP, SIGCONT]);
});

test("before there is a process there is nobody to signal", async () => {
  await new CommandSignals().fromEngine(SIGKILL);
});

test.each([0, -1, 65, 1.5, Number.NaN])("%d is no signal", (signal) => {
  expect(() => requireSignal(signal)).toThrow(expect.objectContaining({ code: "invalid_request" }));
});
