import { readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { BLOCK_HEAD, readBlockHead, unpackBlock } from "./packed-block.js";
import type { Entries } from "./packed-entries.js";
import { readPacked } from "./packed-segment.js";
import { readRawPieces } from "./raw-segment.js";
import { type Entry, entriesOf, readBatch } from "./segment.js";
import type { SegmentFile } from "./segment-file.js";

/** A piece of a segment that can be read by itself: a block of a packed one, or some batches of a raw one. */
export interface SegmentBlock {
  readonly offset: number;
  readonly length: number;
  /** CRC-32 of its bytes in the file. */
  readonly crc: number;
  /** Null where it is damaged. */
  readonly entries: Entries | null;
}

/** How much of a raw segment makes a block: twice as much is a thirtieth smaller, and takes twice as long to read for one book. */
const BLOCK_BYTES = 512 * 1024;

/** A packed block is seldom longer. */
const MOST_KEPT = 1024 * 1024;

/**
 * The blocks of a raw segment up to its last whole batch; a block at its end that is damaged stands for the rest. Entries are valid until the
 * next block is asked for.
 */
export async function* rawBlocks(file: SegmentFile, blockBytes = BLOCK_BYTES): AsyncGenerator<SegmentBlock> {
  const pieces = readRawPieces(file, blockBytes);
  let step = await pieces.next();
  for (; step.done !== true; step = await pieces.next()) {
    const { offset, bytes, entries } = step.value;
    yield { offset, length: bytes.length, crc: crc32(bytes), entries };
  }
  const { offset, size, tail } = step.value;
  if (tail !== "whole") yield { offset, length: size - offset, crc: 0, entries: null };
}

/** The blocks of a packed segment. */
export async function* packedBlocks(file: SegmentFile): AsyncGenerator<SegmentBlock> {
  for await (const { offset, length, entries } of readPacked(file)) {
    const bytes = Buffer.allocUnsafe(length);
    await file.read(bytes, 0, length, offset);
    yield { offset, length, crc: crc32(bytes), entries };
  }
}

let room: Buffer = Buffer.alloc(0);

/** Bytes that are used again by the next call. */
function packedRoom(length: number): Buffer {
  if (length > MOST_KEPT) return Buffer.allocUnsafe(length);
  if (room.length < length) room = Buffer.allocUnsafeSlow(Math.max(length, 64 * 1024));
  return room.subarray(0, length);
}

/**
 * Reads one block again; null when it is not there as it was. It waits for the disk: a few kilobytes, mostly in memory, for which another
 * thread would take longer than the reading.
 */
export function readBlock(
  file: SegmentFile,
  format: "raw" | "packed",
  { offset, length, crc }: Pick<SegmentBlock, "offset" | "length" | "crc">,
): Entries | null {
  // What is unpacked stands elsewhere; entries of a raw block are views into its bytes.
  const bytes = format === "packed" ? packedRoom(length) : Buffer.allocUnsafe(length);
  const bytesRead = readSync(file.fd, bytes, 0, length, offset);
  if (bytesRead !== length || crc32(bytes) !== crc) return null;
  if (length === 0) return [];
  if (format === "packed") {
    const head = readBlockHead(bytes);
    return head === null ? null : unpackBlock(head, bytes.subarray(BLOCK_HEAD));
  }
  const entries: Entry[] = [];
  for (let at = 0; at < length; ) {
    const batch = readBatch(bytes, at);
    if (typeof batch === "string") return null;
    for (const entry of entriesOf(batch.payload)) entries.push(entry);
    at = batch.next;
  }
  return entries;
}
