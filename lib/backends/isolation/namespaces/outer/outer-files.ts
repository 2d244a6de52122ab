import { join } from "node:path";
import * as z from "zod";
import { readProcess } from "../../process-table.ts";
import { readRecord } from "../../state-folders.ts";

/** What lies where in the folder of an outer namespace. */
export interface OuterFiles {
  directory: string;
  /** The process that holds the namespaces, as JSON. */
  record: string;
  /** A named pipe that the holder reads and each daemon holds open: its end tells of the daemon's. */
  pipe: string;
  /** Held by whoever finds, makes or ends a holder. */
  lock: string;
}

export function outerFiles(directory: string): OuterFiles {
  return {
    directory,
    record: join(directory, "holder.json"),
    pipe: join(directory, "pipe"),
    lock: join(directory, "lock"),
  };
}

const HolderRecord = z.object({ pid: z.int().positive(), startTime: z.string() });

/** The process that holds the namespaces; undefined when none lives. */
export async function findHolder({ record }: OuterFiles): Promise<number | undefined> {
  const found = await readRecord(record, HolderRecord);
  if (!found || readProcess(found.pid)?.startTime !== found.startTime) return undefined;
  return found.pid;
}

/** As it is to be written for a process that lives; undefined when it has ended. */
export function holderRecord(pid: number): z.output<typeof HolderRecord> | undefined {
  const startTime = readProcess(pid)?.startTime;
  return startTime === undefined ? undefined : { pid, startTime };
}
