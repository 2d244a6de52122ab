import { appendFileSync, renameSync, statSync } from "node:fs";
import type { Json, Log } from "../engine/ports.ts";
import type { Settings } from "./settings.ts";

// Enough for weeks of a daemon's life; the file before the last is dropped.
const LIMIT_BYTES = 1024 * 1024;

/** A log in a file for this user alone. It is kept small: a full file becomes `<file>.1`. */
export function fileLog(file: string, level: Settings["logLevel"]): Log {
  let size = sizeOf(file);
  const write = (name: string, message: string, fields: Record<string, Json> = {}) => {
    const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : "";
    const line = `${new Date().toISOString()} ${name} ${message}${rest}\n`;
    try {
      if (size > LIMIT_BYTES) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, line, { mode: 0o600 });
      size += Buffer.byteLength(line);
    } catch {
      // A full disk must not end the engine because of its diary.
    }
  };
  return {
    info: (message, fields) => {
      if (level === "info") write("info", message, fields);
    },
    warn: (message, fields) => {
      if (level !== "silent") write("warn", message, fields);
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
