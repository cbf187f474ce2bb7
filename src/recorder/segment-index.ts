import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Timestamp } from "../units/time.js";

/** First and last of something, both included. */
export type Span = readonly [first: number, last: number];

/** A block of a segment, and what a reader has to know to pass over it. */
export interface IndexBlock {
  /** Where it stands in the segment, and the CRC-32 of its bytes there. */
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
  readonly entries: number;
  /** It cannot be read; what it held is missing. */
  readonly damaged: boolean;
  /** First and last receive time, the recorder's own marks included. */
  readonly received: Span | null;
  /** First and last time of the exchange in a message. */
  readonly sent: Span | null;
  /** Least and greatest time of an event, on the exchange's clock as far as it is known; and by receive time. */
  readonly events: Span | null;
  /** First and last sequence per subscription, in the order of arrival; subscriptions are counted anew on every connection. */
  readonly sequences: readonly (readonly [sid: number, first: number, last: number])[];
  /** Tickers of events, and of snapshots among them: numbers in the index's list, as bits in hexadecimal. */
  readonly tickers: string;
  readonly snapshots: string;
  /** It holds a connection's begin or end, a hole, or damage. */
  readonly turns: boolean;
  /** All that was known before this block, when it stands in the index. */
  readonly keyframe: KeyframePlace | null;
}

export interface KeyframePlace {
  /** Counted from the first keyframe. */
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
  /** The latest times before it; a search for a later moment can begin here. Null: any can. `never`: none. */
  readonly latest: { readonly exchange: Timestamp | null; readonly received: Timestamp | null } | "never";
}

export interface SegmentIndex {
  readonly version: 3;
  readonly segment: number;
  readonly format: "raw" | "packed";
  /** Length of the segment this was made of; another length has another index. */
  readonly bytes: number;
  readonly entries: number;
  readonly tickers: readonly string[];
  readonly blocks: readonly IndexBlock[];
}

/** An index as it was read, with the keyframes behind it. */
export interface LoadedIndex {
  readonly index: SegmentIndex;
  /** The bytes of a keyframe; null when they are not there any more as they were written. */
  keyframe(place: KeyframePlace): Buffer | null;
}

const MAGIC = Buffer.from("KLABIDX1", "latin1");
const HEAD = MAGIC.length + 8;

export function indexName(segment: number): string {
  return `${String(segment).padStart(8, "0")}.idx`;
}

/** An index as a file: eight bytes, the head's length and CRC-32, the head as compressed JSON, then the keyframes. */
export function writeIndex(index: SegmentIndex, keyframes: readonly Buffer[]): Buffer {
  const head = zstdCompressSync(JSON.stringify(index));
  const start = Buffer.alloc(8);
  start.writeUInt32LE(head.length, 0);
  start.writeUInt32LE(crc32(head), 4);
  return Buffer.concat([MAGIC, start, head, ...keyframes]);
}

/** Reads an index; null when there is none or it is damaged. Whether it is of this segment is for the caller to see. */
export function readIndex(dir: string, segment: number): LoadedIndex | null {
  const path = join(dir, indexName(segment));
  try {
    const start = readAt(path, 0, HEAD);
    const length = headLength(start);
    const head = length === null ? null : readAt(path, HEAD, length);
    const index = head === null ? null : parseHead(start, head, segment);
    if (index === null) return null;
    const end = HEAD + length!;
    return {
      index,
      keyframe: (place) => whole(readOr(path, end + place.offset, place.length), place),
    };
  } catch {
    // Whatever the reason is: it can be made anew.
    return null;
  }
}

/** An index out of its bytes, such as {@link writeIndex} gives. */
export function parseIndex(bytes: Buffer, segment: number): LoadedIndex | null {
  const length = headLength(bytes);
  if (length === null) return null;
  const end = HEAD + length;
  const index = parseHead(bytes, bytes.subarray(HEAD, end), segment);
  if (index === null) return null;
  return {
    index,
    keyframe: (place) => whole(bytes.subarray(end + place.offset, end + place.offset + place.length), place),
  };
}

function headLength(bytes: Buffer): number | null {
  if (bytes.length < HEAD || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  return bytes.readUInt32LE(MAGIC.length);
}

function parseHead(start: Buffer, head: Buffer, segment: number): SegmentIndex | null {
  if (head.length !== headLength(start) || crc32(head) !== start.readUInt32LE(MAGIC.length + 4)) return null;
  const index = JSON.parse(zstdDecompressSync(head).toString("utf8")) as SegmentIndex;
  return index.version === 3 && index.segment === segment ? index : null;
}

function whole(bytes: Buffer | null, { length, crc }: KeyframePlace): Buffer | null {
  return bytes !== null && bytes.length === length && crc32(bytes) === crc ? bytes : null;
}

/** The same; null where they cannot be read. */
function readOr(path: string, offset: number, length: number): Buffer | null {
  try {
    return readAt(path, offset, length);
  } catch {
    return null;
  }
}

/** Bytes of a file. As with blocks, it is done before another thread would have begun. */
function readAt(path: string, offset: number, length: number): Buffer {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(fd).size - offset)));
    readSync(fd, bytes, 0, bytes.length, offset);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/** Numbers as bits in hexadecimal. */
export function bitsOf(numbers: Iterable<number>, count: number): string {
  const bits = Buffer.alloc(Math.ceil(count / 8));
  for (const number of numbers) bits[number >> 3]! |= 1 << (number & 7);
  return bits.toString("hex");
}

export function hasBit(bits: string, number: number): boolean {
  const byte = Number.parseInt(bits.slice((number >> 3) * 2, (number >> 3) * 2 + 2), 16);
  return (byte & (1 << (number & 7))) !== 0;
}
