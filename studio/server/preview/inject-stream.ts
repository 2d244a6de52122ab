import { Transform } from "node:stream";
import { injectScript } from "./preview-script.ts";

// A page's head begins early; what has none by then gets the script where it began.
const HEAD_LIMIT_BYTES = 16 * 1024;

/** Puts the script into an HTML page that streams through. Only the page's beginning is held back. */
export function injectStream(): Transform {
  let held: Buffer[] = [];
  let size = 0;
  let done = false;
  const release = (): Buffer => {
    done = true;
    // Latin-1 keeps every byte as it is, whatever the page's own encoding: all that is looked for is ASCII.
    const page = injectScript(Buffer.concat(held).toString("latin1"));
    held = [];
    return Buffer.from(page, "latin1");
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      if (done) return pass(null, chunk);
      held.push(chunk);
      size += chunk.length;
      const isWhole = /<head(\s[^>]*)?>/i.test(Buffer.concat(held).toString("latin1"));
      if (isWhole || size >= HEAD_LIMIT_BYTES) pass(null, release());
      else pass();
    },
    flush(pass) {
      pass(null, done ? null : release());
    },
  });
}
