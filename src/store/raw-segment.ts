import { BATCH_HEAD, MAGIC, readBatch } from "./segment.js";
import type { SegmentFile } from "./segment-file.js";

/** Where the whole batches of a segment end, and what comes after: nothing, an unfinished batch, or damage. */
export interface SegmentEnd {
  readonly offset: number;
  readonly size: number;
  readonly tail: "whole" | "torn" | "damaged";
}

/** One batch of a raw segment, and where it stands. */
export interface RawBatch {
  readonly offset: number;
  /** With its head. */
  readonly length: number;
  /** What {@link entriesOf} reads. */
  readonly payload: Buffer;
}

const READ_BYTES = 1024 * 1024;

/** Reads the batches of a segment as the recorder writes it, from an offset (0, or the end of a batch); returns where it ended. */
export async function* readRaw(file: SegmentFile, from: number): AsyncGenerator<RawBatch, SegmentEnd> {
  const chunks = readRawChunks(file, from);
  let step = await chunks.next();
  for (; step.done !== true; step = await chunks.next()) yield* step.value;
  return step.value;
}

/** The same, with all batches together that were read at once: on a quiet feed a batch has few frames, and each step of a reader takes time. */
export async function* readRawChunks(file: SegmentFile, from: number): AsyncGenerator<readonly RawBatch[], SegmentEnd> {
  let offset = Math.max(from, MAGIC.length);
  let bytes: Buffer = Buffer.alloc(0);
  let wanted = READ_BYTES;
  for (;;) {
    // Behind what is left of the last piece, so that a batch stands in one.
    const more = Math.max(wanted, READ_BYTES);
    const piece = Buffer.allocUnsafe(bytes.length + more);
    bytes.copy(piece);
    const { bytesRead } = await file.read(piece, bytes.length, more, offset + bytes.length);
    bytes = piece.subarray(0, bytes.length + bytesRead);
    const { batches, length, isBad } = batchesIn(bytes, offset);
    if (batches.length > 0) yield batches;
    if (isBad) return badEnd(file, offset + length, bytes.subarray(length));
    offset += length;
    bytes = bytes.subarray(length);
    if (bytesRead === 0) {
      return { offset, size: offset + bytes.length, tail: bytes.length === 0 ? "whole" : "torn" };
    }
    wanted = bytes.length >= BATCH_HEAD ? BATCH_HEAD + bytes.readUInt32LE(0) - bytes.length : READ_BYTES;
  }
}

/** The whole batches at the start of some bytes, how long they are together, and whether what follows is none. */
function batchesIn(bytes: Buffer, offset: number): { batches: RawBatch[]; length: number; isBad: boolean } {
  const batches: RawBatch[] = [];
  for (let at = 0; ; ) {
    const batch = readBatch(bytes, at);
    if (typeof batch === "string") return { batches, length: at, isBad: batch === "bad" };
    const { payload, next } = batch;
    batches.push({ offset: offset + at, length: next - at, payload });
    at = next;
  }
}

/**
 * A batch with a wrong check sum is what a power cut leaves when it is the last, or when only zeros follow; anything else is damage.
 */
async function badEnd(file: SegmentFile, offset: number, bytes: Buffer): Promise<SegmentEnd> {
  const { size } = await file.stat();
  const next = offset + BATCH_HEAD + bytes.readUInt32LE(0);
  if (next === size) return { offset, size, tail: "torn" };
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  for (let at = offset; at < size; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    if (chunk.subarray(0, bytesRead).some((byte) => byte !== 0)) return { offset, size, tail: "damaged" };
    at += bytesRead;
  }
  return { offset, size, tail: "torn" };
}
