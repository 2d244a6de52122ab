import type * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { readLines } from "../../std/read-lines.ts";
import { errorOf } from "../fault-answer.ts";
import { readSettings, type Settings } from "../settings.ts";
import { sharedTransport } from "../shared-transport.ts";
import type { Transport } from "../transport.ts";
import {
  ActiveFault,
  ClockAnswer,
  CONTROLS_PATH,
  FaultList,
  type FaultRuleInput,
  LoggedRequest,
  RequestList,
} from "./control-words.ts";
import { parseDuration } from "./parse-duration.ts";

/** A length of time: milliseconds, or a text such as `90s`, `5m` or `1h30m`. */
export type Duration = number | string;

/** What tests can do to the engine that their sandboxes live in, over all vendors' clients. */
export interface TestControls {
  readonly clock: {
    /** The engine's time, milliseconds since the epoch. */
    now(): Promise<number>;
    /** Moves it on. What is due on the way (timeouts, expiries) is over when this resolves. */
    advance(duration: Duration): Promise<void>;
    /** Lets a sandbox's timeout pass now; by name or id. It is stopped, paused or deleted when this resolves. */
    expire(sandbox: string): Promise<void>;
  };
  readonly faults: {
    /** Holds until it is cleared, or disposed of. */
    add(rule: FaultRuleInput): Promise<ActiveFault & AsyncDisposable>;
    list(): Promise<ActiveFault[]>;
    /** One of them by its id, or all. Throws `not_found` for an id that is not there. */
    clear(id?: string): Promise<void>;
  };
  readonly requests: {
    /** The last 1,000, oldest first. */
    list(): Promise<LoggedRequest[]>;
    /** Those that are kept, then each that comes. Ends with the loop; throws the signal's reason. */
    follow(options?: { signal?: AbortSignal }): AsyncGenerator<LoggedRequest, void, void>;
    clear(): Promise<void>;
  };
}

/**
 * The controls of the engine that the settings name, which is started if it does not run. Throws `unsupported`
 * when it was opened without `SANDLOT_TEST_CONTROLS=1`, and for engines that are none of ours.
 */
export async function testControls(settings: Settings = readSettings()): Promise<TestControls> {
  const { kind } = settings.engine;
  if (kind !== "embedded" && kind !== "daemon" && kind !== "http") {
    throw new SandboxError(
      "unsupported",
      `SANDLOT_ENGINE=${kind} has no test controls: its clock and its errors are not ours. Set SANDLOT_ENGINE to daemon or embedded.`,
    );
  }
  const caller = new Caller(sharedTransport(settings));
  await caller.ask("/clock", ClockAnswer);
  return {
    clock: {
      now: async () => (await caller.ask("/clock", ClockAnswer)).now,
      async advance(duration) {
        await caller.send("POST", "/clock/advance", { ms: parseDuration(duration) });
      },
      async expire(sandbox) {
        await caller.send("POST", "/clock/expire", { sandbox });
      },
    },
    faults: {
      async add(rule) {
        const response = await caller.send("POST", "/faults", rule);
        const fault = ActiveFault.parse(await response.json());
        return { ...fault, [Symbol.asyncDispose]: () => clearIfThere(caller, fault.id) };
      },
      list: async () => (await caller.ask("/faults", FaultList)).faults,
      async clear(id) {
        await caller.send(
          "DELETE",
          id === undefined ? "/faults" : `/faults?id=${encodeURIComponent(id)}`,
        );
      },
    },
    requests: {
      list: async () => (await caller.ask("/requests", RequestList)).requests,
      follow: ({ signal } = {}) => follow(caller, signal),
      async clear() {
        await caller.send("DELETE", "/requests");
      },
    },
  };
}

class Caller {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async ask<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    const response = await this.send("GET", path);
    return schema.parse(await response.json());
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Response> {
    const response = await this.#transport.fetch(`${CONTROLS_PATH}${path}`, {
      method,
      ...(signal && { signal }),
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    if (response.ok) return response;
    throw await errorOf(response);
  }
}

async function clearIfThere(caller: Caller, id: string): Promise<void> {
  try {
    await caller.send("DELETE", `/faults?id=${encodeURIComponent(id)}`);
  } catch (error) {
    // A test may have cleared all of them.
    if (!SandboxError.is(error) || error.code !== "not_found") throw error;
  }
}

async function* follow(
  caller: Caller,
  signal: AbortSignal | undefined,
): AsyncGenerator<LoggedRequest, void, void> {
  const left = new AbortController();
  const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  try {
    const { body } = await caller.send("GET", "/requests?follow=1", undefined, either);
    if (!body) return;
    for await (const line of readLines(body)) yield LoggedRequest.parse(JSON.parse(line));
  } finally {
    left.abort();
  }
}
