import type { BackgroundWorkerMetadata } from "@trigger.dev/core/v3";
import type { Run } from "../store/run.ts";

/** A limit that a run counts against while a worker has it: how many runs may hold a slot of that name. */
export interface Limit {
  name: string;
  slots: number;
}

type Declared = Pick<BackgroundWorkerMetadata, "tasks" | "queues" | "concurrencyLimits">;

/** All limits that a run counts against, as the project's newest version declares them. */
export function limitsOf(run: Run, declared: Declared, concurrencyLimit: number): Limit[] {
  const limits: Limit[] = [{ name: "environment", slots: concurrencyLimit }];
  const key = run.concurrencyKey ?? "";
  const add = (name: string, slots: number | null | undefined) => {
    if (slots !== undefined && slots !== null) limits.push({ name, slots });
  };
  const addShape = (
    name: string,
    shape: { perKey?: number | undefined; total?: number | undefined },
  ) => {
    add(`${name}\0${key}`, shape.perKey);
    add(name, shape.total);
  };
  const task = declared.tasks.find(({ id }) => id === run.task);
  const queue =
    declared.queues?.find(({ name }) => name === run.queue) ??
    // A queue of the task alone is declared with the task.
    (task?.queue?.name === undefined || task.queue.name === run.queue ? task?.queue : undefined);
  // The limit of a queue is one of each key; the combined one is of them all.
  add(`queue ${run.queue}\0${key}`, queue?.concurrencyLimit);
  add(`queue ${run.queue}`, queue?.combinedConcurrencyLimit);
  if (task?.concurrency?.inline) addShape(`task ${run.task}`, task.concurrency.inline);
  for (const name of run.limits ?? task?.concurrency?.limits ?? []) {
    const limit = declared.concurrencyLimits?.find((known) => known.name === name);
    if (limit) addShape(`limit ${name}`, limit);
  }
  return limits;
}

export interface SlotRequest {
  /** Runs that wait, in any order. */
  queued: readonly Run[];
  /** Runs that workers have. */
  held: readonly Run[];
  limits: (run: Run) => Limit[];
  now: number;
}

/** Which runs may begin now: in the order of their turn, each only if all of its limits have a free slot. */
export function runsWithSlots({ queued, held, limits, now }: SlotRequest): Run[] {
  const taken = new Map<string, number>();
  const take = (run: Run) => {
    for (const { name } of limits(run)) taken.set(name, (taken.get(name) ?? 0) + 1);
  };
  for (const run of held) take(run);
  const chosen: Run[] = [];
  const inTurn = queued
    .filter(({ availableAt }) => availableAt === undefined || availableAt <= now)
    .toSorted((a, b) => turn(a) - turn(b) || a.number - b.number);
  for (const run of inTurn) {
    if (limits(run).some(({ name, slots }) => (taken.get(name) ?? 0) >= slots)) continue;
    take(run);
    chosen.push(run);
  }
  return chosen;
}

function turn({ queuedAt, createdAt, priority }: Run): number {
  return (queuedAt ?? createdAt) - priority * 1_000;
}
