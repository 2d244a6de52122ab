import { basename, dirname, posix } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { SandboxError } from "../../contract/errors.ts";
import { type DaytonaContext, TEXT_LENGTH, type ToolboxCall } from "./answers.ts";
import { DaytonaFault } from "./faults.ts";
import { runCommand } from "./run-command.ts";

interface Search {
  path: string;
  pattern: string;
}

/** The lines that hold the text; it is no pattern of any kind. */
export async function findInFiles(
  context: DaytonaContext,
  call: ToolboxCall,
  { path, pattern }: Search,
) {
  const { type } = await context.engine.files.stat(call.session.id, { path });
  // What a link named here leads to is searched like the thing itself.
  const [directory, name] = type === "directory" ? [path, "."] : [dirname(path), basename(path)];
  // A name is told from the line by a NUL, which neither holds.
  const output = await run(context, call, {
    path: directory,
    words: ["grep", "-rnIHF", "--null", "-e", pattern, "--", name],
  });
  return output.split("\n").flatMap((line) => {
    const [, file, number, content = ""] = /^([^\0]+)\0(\d+):(.*)$/s.exec(line) ?? [];
    if (file === undefined) return [];
    return [{ file: posix.join(directory, file), line: Number(number), content }];
  });
}

/** Everything below the directory whose name fits, with wildcards as a shell has them. */
export async function findByName(
  context: DaytonaContext,
  call: ToolboxCall,
  { path, pattern }: Search,
): Promise<string[]> {
  const words: [string, ...string[]] = ["find", ".", "-name", pattern, "-print0"];
  const found = await run(context, call, { path, words });
  const names = found.split("\0").filter((name) => name !== "" && name !== ".");
  return names.map((name) => posix.join(path, name)).toSorted();
}

/** What a program of the sandbox's says, started in that directory. */
async function run(
  { engine }: DaytonaContext,
  { session, request }: ToolboxCall,
  { path, words }: { path: string; words: [string, ...string[]] },
): Promise<string> {
  const [cmd, ...args] = words;
  const wanted = { cmd, args, cwd: path, env: { LC_ALL: "C" } };
  const { stdout } = await runCommand(engine, session.id, wanted, request);
  return stdout;
}

/**
 * Puts one text in place of another, whatever else the file holds. What keeps it from that is told, and fails
 * nothing else.
 */
export async function replaceIn(
  { engine: { files } }: DaytonaContext,
  sessionId: string,
  { file, pattern, newValue }: { file: string; pattern: string; newValue: string },
): Promise<{ file: string; success: boolean; error?: string }> {
  try {
    const { type, mode } = await files.stat(sessionId, { path: file });
    const { size, content } = await files.read(sessionId, { path: file });
    if (size > TEXT_LENGTH) {
      content.destroy();
      throw new DaytonaFault(
        { status: 413, code: "PAYLOAD_TOO_LARGE" },
        "the file is too large to be rewritten; replace the text by a command, such as sed",
      );
    }
    // One character per byte: what is no UTF-8 stays as it is.
    const before = (await buffer(content)).toString("latin1");
    const after = Buffer.from(
      before.replaceAll(toBytes(pattern), () => toBytes(newValue)),
      "latin1",
    );
    await files.write(
      sessionId,
      one({
        path: file,
        // The permissions of a link are not those of what it leads to, which keeps its own.
        ...(type === "file" && { mode: mode & 0o7777 }),
        size: after.length,
        content: Readable.from([after]),
      }),
    );
    return { file, success: true };
  } catch (error) {
    // Each file has an answer of its own; what is nobody's fault but ours fails the whole.
    if (error instanceof DaytonaFault || (SandboxError.is(error) && error.code !== "internal")) {
      return { file, success: false, error: error.message };
    }
    throw error;
  }
}

/** A text's bytes in UTF-8, each as a character. */
function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

async function* one<Item>(item: Item): AsyncGenerator<Item, void, void> {
  yield item;
}
