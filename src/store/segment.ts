import { crc32 } from "node:zlib";
import type { Timestamp } from "../units/time.js";
import { withRoom } from "./bytes.js";
import type { TextPattern } from "./text-pattern.js";

/**
 * The format of a recording's segments, files that only grow.
 *
 * A segment is eight bytes `KLABSEG1`, then batches. A batch is its payload's length and CRC-32 (both 32 bits, little-endian), then the
 * payload: entries one after the other, each a kind (8 bits), nanoseconds below the microsecond (16 bits), a time in microseconds
 * since 1970 (a double, which holds it exactly), the body's length (32 bits) and the body.
 */
export const MAGIC: Buffer = Buffer.from("KLABSEG1", "latin1");
export const BATCH_HEAD = 8;
export const ENTRY_HEAD = 15;
/** Longer than any batch that is written: what claims more is damaged. */
export const MAX_BATCH = 256 * 1024 * 1024;

/** What an entry is: a note of the recorder, or a message exactly as received. */
export const entryKind = { mark: 0, text: 1, binary: 2 } as const;

/** One entry as read back. */
export interface Entry {
  readonly kind: number;
  readonly time: Timestamp;
  /** Nanoseconds below the microsecond, 0 to 999. */
  readonly nanos: number;
  /** A view into the batch, or made when it is asked for. */
  readonly body: Buffer;
  /** Where it was packed with others of its pattern: these, and its place among them. */
  readonly pattern?: TextPattern;
  readonly row?: number;
}

/** Name of the segment with a number, counted from 1. */
export function segmentName(number: number): string {
  return `${String(number).padStart(8, "0")}.seg`;
}

/** The number in a segment's name, or null for another file. */
export function segmentNumber(name: string): number | null {
  const parts = /^(\d{8,})\.seg$/.exec(name);
  return parts === null ? null : Number(parts[1]);
}

/** Collects entries into one batch. */
export class Batch {
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(64 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = BATCH_HEAD;
  /** Entries in it. */
  entries = 0;

  /** Bytes it will have when sealed. */
  get length(): number {
    return this.#length;
  }

  add(kind: number, time: Timestamp, nanos: number, body: Buffer): void {
    this.#reserve(ENTRY_HEAD + body.length);
    const view = this.#view;
    const at = this.#length;
    view.setUint8(at, kind);
    view.setUint16(at + 1, nanos, true);
    view.setFloat64(at + 3, time, true);
    view.setUint32(at + 11, body.length, true);
    this.#bytes.set(body, at + ENTRY_HEAD);
    this.#length = at + ENTRY_HEAD + body.length;
    this.entries += 1;
  }

  /** The batch as it goes to disk: a view, valid until the next `add` after `clear`. */
  seal(): Buffer {
    const payload = this.#bytes.subarray(BATCH_HEAD, this.#length);
    this.#bytes.writeUInt32LE(payload.length, 0);
    this.#bytes.writeUInt32LE(crc32(payload), 4);
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = BATCH_HEAD;
    this.entries = 0;
  }

  #reserve(more: number): void {
    const bytes = withRoom(this.#bytes, this.#length, more);
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** The payload of the batch that begins in `bytes` at a place, and where it ends: `short` when it goes beyond them, `bad` when it is none. */
export function readBatch(bytes: Buffer, at = 0): { payload: Buffer; next: number } | "short" | "bad" {
  if (bytes.length - at < BATCH_HEAD) return "short";
  const length = bytes.readUInt32LE(at);
  if (length === 0 || length > MAX_BATCH) return "bad";
  const next = at + BATCH_HEAD + length;
  if (bytes.length < next) return "short";
  const payload = bytes.subarray(at + BATCH_HEAD, next);
  return crc32(payload) === bytes.readUInt32LE(at + 4) ? { payload, next } : "bad";
}

/** The entries of a batch whose check sum is right. */
export function entriesOf(payload: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + ENTRY_HEAD <= payload.length; ) {
    const start = at + ENTRY_HEAD;
    const end = start + payload.readUInt32LE(at + 11);
    entries.push({
      kind: payload[at]!,
      nanos: payload.readUInt16LE(at + 1),
      time: payload.readDoubleLE(at + 3),
      body: payload.subarray(start, end),
    });
    at = end;
  }
  return entries;
}
