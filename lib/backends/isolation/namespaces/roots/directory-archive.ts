/** A directory in an archive for tar(1), whose path may be bytes that are no text; tar-stream writes text only. */
export interface ArchivedDirectory {
  path: Buffer;
  mode: number;
  /** What does not fit into a header, by the names that pax(1) has for it. */
  values: Readonly<Record<string, string>>;
}

const BLOCK_BYTES = 512;
/** Two empty blocks. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK_BYTES);

/** The directory as a piece of an archive, as POSIX has it (pax). */
export function archivedDirectory({ path, mode, values }: ArchivedDirectory): Buffer {
  const records = [
    ...Object.entries(values).map(([key, value]) => record(key, Buffer.from(value))),
    record("path", path),
  ];
  const body = Buffer.concat(records);
  const filling = Buffer.alloc(-body.length & (BLOCK_BYTES - 1));
  return Buffer.concat([
    header("x", { size: body.length, mode: 0 }),
    body,
    filling,
    header("5", { size: 0, mode }),
  ]);
}

/** It begins with its own length in bytes. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (rest.length + String(length).length !== length)
    length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function header(type: "x" | "5", { size, mode }: { size: number; mode: number }): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, { at, digits }: { at: number; digits: number }) =>
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, at);
  block.write("./");
  octal(mode & 0o7777, { at: 100, digits: 7 });
  octal(0, { at: 108, digits: 7 }); // The owner and the group are among the values,
  octal(0, { at: 116, digits: 7 });
  octal(size, { at: 124, digits: 11 });
  octal(0, { at: 136, digits: 11 }); // and so is the time.
  block.write(type, 156);
  block.write("ustar\0" + "00", 257);
  // The sum is made with blanks in its own place.
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  octal(sum, { at: 148, digits: 6 });
  return block;
}
