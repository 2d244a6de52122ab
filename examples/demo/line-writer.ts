import { Writable } from "node:stream";

/** Cuts what is written to it into lines and gives each on as soon as it is complete. */
export function lineWriter(give: (line: string) => void): Writable {
  let rest = "";
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      const lines = (rest + chunk.toString()).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines.filter(Boolean)) give(shorten(line));
      done();
    },
    final(done) {
      if (rest) give(shorten(rest));
      done();
    },
  });
}

/** A download's path says which package it is; its host is the same for all. */
function shorten(line: string): string {
  return line.replace(/(?:\S+@)?https?:\/\/[^/\s]+\//, "").replace("%2f", "/");
}
