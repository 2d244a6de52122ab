import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy } from "@fastify/busboy";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";

// How faces take files that come as a form.

/** One file of a form. */
export interface FilePart {
  /** Of the field. */
  name: string;
  /** With its directories, as the form has it. */
  fileName: string | undefined;
  /** The plain fields as far as the form was read: those before the file, and maybe more. */
  fields: ReadonlyMap<string, string>;
  /** Must be read to its end, or destroyed, before the next part comes. */
  content: Readable;
}

export interface FormOptions {
  contentType: string;
  /** Which fields are files, whether they have a file's name or not. Others are plain when they have none, or else passed over. */
  isFile: (name: string) => boolean;
}

/**
 * The files of a form, in order and as they come in. Leaving ends the body. Throws `invalid_request` for what is no
 * form, or ends before its end, and `too_large` for more files or longer fields than are taken: then the part that was
 * read breaks off, too.
 */
export async function* readForm(
  body: Readable,
  { contentType, isFile }: FormOptions,
): AsyncGenerator<FilePart, void, void> {
  const parser = openParser({ contentType, isFile });
  const fields = new Map<string, string>();
  const waiting: FilePart[] = [];
  let changed = Promise.withResolvers<void>();
  let isOver = false;
  let failure: unknown;
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  // The parser just leaves out what is over a limit; files would be missing, or land at a path that is cut off.
  const refuse = (what: string) => () => void body.destroy(tooMuch(what));
  parser.on("filesLimit", refuse(`${LIMITS.uploadEntries} files`));
  parser.on("fieldsLimit", refuse(`${LIMITS.uploadEntries} fields`));
  parser.on("field", (name: string, value: string, _isNameCut: boolean, isCut: boolean) => {
    if (isCut) refuse(`${LIMITS.pathLength} bytes in a field`)();
    else fields.set(name, value);
  });
  parser.on("file", (name, content, fileName?: string) => {
    // A part that breaks off before anybody reads it must still break off for whom reads it then.
    content.on("error", (error) => content.destroy(notWhole(error)));
    if (isFile(name)) waiting.push({ name, fileName, fields, content });
    else content.resume();
    tell();
  });
  void pipeline(body, parser)
    .catch((error: unknown) => {
      failure = notWhole(error);
      for (const { content } of waiting) content.destroy();
    })
    .finally(() => {
      isOver = true;
      tell();
    });
  try {
    while (true) {
      if (failure !== undefined) throw failure;
      const part = waiting.shift();
      if (part) yield part;
      else if (isOver) return;
      else await changed.promise;
    }
  } finally {
    body.destroy();
    for (const { content } of waiting) content.destroy();
  }
}

function openParser({ contentType, isFile }: FormOptions) {
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      preservePath: true,
      isPartAFile: (name, _type, fileName) =>
        (name !== undefined && isFile(name)) || fileName !== undefined,
      limits: {
        files: LIMITS.uploadEntries,
        fields: LIMITS.uploadEntries,
        fieldSize: LIMITS.pathLength,
        fieldNameSize: 200,
        headerPairs: 50,
      },
    });
  } catch (error) {
    throw notWhole(error);
  }
}

function tooMuch(what: string): SandboxError {
  return new SandboxError("too_large", `A form may have at most ${what}; this one has more.`);
}

function notWhole(error: unknown): Error {
  // An error of the engine's, or the caller's own abort, says more by itself.
  if (SandboxError.is(error) || (error instanceof Error && error.name === "AbortError"))
    return error;
  return new SandboxError("invalid_request", "The body is no whole multipart form.", {
    cause: error,
  });
}
