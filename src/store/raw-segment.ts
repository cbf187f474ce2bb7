import { withRoom } from "./bytes.js";
import { BATCH_HEAD, ENTRY_HEAD, type Entry, MAGIC, readBatch } from "./segment.js";
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

/** Whole batches one after the other, and their entries. */
export interface RawPiece {
  readonly offset: number;
  /** As they stand in the file. Like the entries valid until the next piece is asked for, which comes into the same memory. */
  readonly bytes: Buffer;
  readonly entries: readonly Entry[];
}

/**
 * The same from the start in pieces of at least so many bytes, for who is done with one before the next: buffers made anew for each would be left
 * behind faster than they are collected.
 */
export async function* readRawPieces(file: SegmentFile, least: number): AsyncGenerator<RawPiece, SegmentEnd> {
  let room: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(least + READ_BYTES);
  const body: AskedBody = { at: -1, bytes: room };
  let entries: Entry[] = [];
  let offset = MAGIC.length;
  let filled = 0;
  for (let at = 0; ; ) {
    const bytes = room.subarray(0, filled);
    const batch = readBatch(bytes, at);
    if (typeof batch === "object") {
      for (let place = at + BATCH_HEAD; place + ENTRY_HEAD <= batch.next; ) {
        const entry = new RawEntry(room, place, body);
        entries.push(entry);
        place = entry.end;
      }
      at = batch.next;
    } else if (batch === "short") {
      const wanted = filled - at >= BATCH_HEAD ? BATCH_HEAD + bytes.readUInt32LE(at) : BATCH_HEAD;
      room = withRoom(room, filled, Math.max(at + wanted - filled, 1));
      const { bytesRead } = await file.read(room, filled, room.length - filled, offset + filled);
      filled += bytesRead;
      if (bytesRead > 0) continue;
    }
    const isEnd = typeof batch === "string";
    if (at > 0 && (isEnd || at >= least)) {
      yield { offset, bytes: bytes.subarray(0, at), entries };
      entries = [];
      body.at = -1;
      room.copyWithin(0, at, filled);
      offset += at;
      filled -= at;
      at = 0;
    }
    if (batch === "bad") return badEnd(file, offset, room.subarray(0, filled));
    if (isEnd) return { offset, size: offset + filled, tail: filled === 0 ? "whole" : "torn" };
  }
}

/** The body that was asked for last, and of which place: what reads an entry asks for it several times in a row. */
interface AskedBody {
  at: number;
  bytes: Buffer;
}

/** An entry that is read when it is asked: thousands of views that live as long as their block are what is left lying about otherwise. */
class RawEntry implements Entry {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #asked: AskedBody;

  constructor(bytes: Buffer, at: number, asked: AskedBody) {
    this.#bytes = bytes;
    this.#at = at;
    this.#asked = asked;
  }

  get kind(): number {
    return this.#bytes[this.#at]!;
  }

  get nanos(): number {
    return this.#bytes.readUInt16LE(this.#at + 1);
  }

  get time(): number {
    return this.#bytes.readDoubleLE(this.#at + 3);
  }

  get body(): Buffer {
    const asked = this.#asked;
    if (asked.at !== this.#at) {
      asked.at = this.#at;
      asked.bytes = this.#bytes.subarray(this.#at + ENTRY_HEAD, this.end);
    }
    return asked.bytes;
  }

  /** Where the next one begins. */
  get end(): number {
    return this.#at + ENTRY_HEAD + this.#bytes.readUInt32LE(this.#at + 11);
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
