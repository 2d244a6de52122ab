import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import type { Engine } from "../engine/engine.ts";

/** Runs a command to its end and gives all that it wrote. */
export async function runToEnd(
  engine: Engine,
  sessionId: string,
  cmd: string,
  args: string[] = [],
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const command = await engine.commands.start(sessionId, { cmd, args });
  const text = { stdout: "", stderr: "" };
  for await (const chunk of engine.commands.output(sessionId, command.id)) {
    text[chunk.stream] += chunk.data;
  }
  const { exitCode } = await engine.commands.wait(sessionId, command.id);
  return { exitCode, ...text };
}

/** Writes one file, relative to the session's directory. */
export async function writeText(
  engine: Engine,
  sessionId: string,
  path: string,
  text: string,
): Promise<void> {
  const archive = pack();
  archive.entry({ name: path }, text);
  archive.finalize();
  await engine.files.writeArchive(sessionId, Readable.from(archive), {
    directory: "/vercel/sandbox",
  });
}

/** Reads one file, relative to the session's directory. */
export async function readText(engine: Engine, sessionId: string, path: string): Promise<string> {
  const { content } = await engine.files.read(sessionId, { path });
  return (await buffer(content)).toString("utf8");
}

/** All that a command wrote and will write to both streams, as one text. */
export async function outputOf(
  engine: Engine,
  sessionId: string,
  commandId: string,
): Promise<string> {
  let text = "";
  for await (const { data } of engine.commands.output(sessionId, commandId)) text += data;
  return text;
}

/** Returns when the command has written something, and gives that. */
export async function firstOutput(
  engine: Engine,
  sessionId: string,
  commandId: string,
): Promise<string> {
  for await (const { data } of engine.commands.output(sessionId, commandId)) return data;
  throw new Error(`Command ${commandId} ended without a word.`);
}
