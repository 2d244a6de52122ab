import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { TextDecoder } from "node:util";
import type { OutputChunk, OutputStream } from "../contract/command.ts";
import { LIMITS } from "../contract/limits.ts";
import { abortable } from "../std/abortable.ts";
import type { OutputState } from "./output-follower.ts";
import { IndexReader, type IndexRecord } from "./output-index.ts";

/** One stream of an output, as one reader sees it. */
interface Track {
  file: FileHandle;
  /** The next byte to read. */
  position: number;
  decoder: TextDecoder;
  /** Bytes that were skipped since the last piece, because they are gone. */
  gap: number;
}

/**
 * Replays an output from its first byte that is left, in order of arrival, then
 * follows it until it is closed. Holds one piece in memory, whatever the output's
 * size and however slowly it is read. Throws the signal's reason when aborted.
 */
export async function* readOutput(
  state: OutputState,
  signal?: AbortSignal,
): AsyncGenerator<OutputChunk, void, void> {
  signal?.throwIfAborted();
  await using indexFile = await open(join(state.directory, "index"), "r");
  await using stdout = await open(join(state.directory, "stdout"), "r");
  await using stderr = await open(join(state.directory, "stderr"), "r");
  const tracks = { stdout: newTrack(stdout), stderr: newTrack(stderr) };
  const index = new IndexReader(indexFile);
  const buffer = Buffer.allocUnsafe(LIMITS.outputChunkBytes);
  let taken = 0;
  while (true) {
    // Asked for before looking, so that no change between the two is missed.
    const { changed, closed } = state;
    const found = await index.peek();
    if (found && taken < found.record.length) {
      const { stream, at } = found.record;
      const piece = await readPiece(state, found.record, tracks[stream], { taken, buffer });
      taken += piece.bytes;
      if (piece.chunk) {
        signal?.throwIfAborted();
        yield { stream, at, ...piece.chunk };
      }
    } else if (found?.final) {
      index.next();
      taken = 0;
    } else if (closed) {
      yield* flush(tracks, found?.record.at ?? 0);
      return;
    } else {
      await abortable(changed, signal);
    }
  }
}

function newTrack(file: FileHandle): Track {
  // A byte order mark is output like any other.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return { file, position: 0, decoder, gap: 0 };
}

async function readPiece(
  state: OutputState,
  record: IndexRecord,
  track: Track,
  { taken, buffer }: { taken: number; buffer: Buffer },
): Promise<{ bytes: number; chunk?: Pick<OutputChunk, "data" | "dropped"> }> {
  const left = record.length - taken;
  const gone = state.dropped[record.stream] - track.position;
  if (gone > 0) return skip(track, Math.min(gone, left));
  const length = Math.min(left, buffer.length);
  const place = track.position - state.base[record.stream];
  const { bytesRead } = await track.file.read(buffer, 0, length, place);
  // It may have been dropped while it was read: then these are zeros.
  if (state.dropped[record.stream] > track.position) {
    return skip(track, Math.min(state.dropped[record.stream] - track.position, left));
  }
  // Indexed, but not there: the command cut its own log in this moment.
  if (bytesRead === 0) return skip(track, left);
  track.position += bytesRead;
  const data = track.decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
  if (data === "") return { bytes: bytesRead };
  const dropped = track.gap;
  track.gap = 0;
  return { bytes: bytesRead, chunk: { data, ...(dropped > 0 && { dropped }) } };
}

function skip(track: Track, bytes: number): { bytes: number } {
  track.position += bytes;
  track.gap += bytes;
  track.decoder.decode(); // Forgets the first half of a character whose other half is gone.
  return { bytes };
}

/** What is left in the decoders: a character that was never finished, or a gap at the very end. */
function* flush(tracks: Record<OutputStream, Track>, at: number): Generator<OutputChunk> {
  for (const stream of ["stdout", "stderr"] as const) {
    const { decoder, gap } = tracks[stream];
    const data = decoder.decode();
    if (data !== "" || gap > 0) yield { stream, at, data, ...(gap > 0 && { dropped: gap }) };
  }
}
