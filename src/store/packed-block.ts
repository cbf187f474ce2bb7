import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { ByteReader, ByteWriter } from "./bytes.js";
import { joinDigits, splitDigits } from "./digit-columns.js";
import { PackedEntries } from "./packed-entries.js";
import { PatternTable } from "./pattern-table.js";
import type { Entry } from "./segment.js";
import { TextPattern } from "./text-pattern.js";

/**
 * A block of a packed segment: some entries, compressed by themselves.
 *
 * Sixteen bytes, little-endian: packed length, length before compression, number of entries, CRC-32 of the packed bytes. Then one zstd
 * frame (Node's decoder stops after one, hence the length), which holds the entries by column: kinds, nanoseconds, times as differences,
 * and the bodies: those of one pattern by the columns of their values, the others with their digits apart. So books can be built of the
 * columns without making the texts.
 */
export const BLOCK_HEAD = 16;

/** The level above takes longer and gains nothing. */
const LEVEL = 8;
const PLAIN = 0;
/** No longer written: all bodies with their digits apart. */
const APART = 1;
const PATTERNS = 2;
/** Patterns of fewer rows are not worth their columns; and as many as a byte can tell apart from none. */
const LEAST_ROWS = 8;
const MAX_PATTERNS = 255;
/** Room for what a block holds is made at once; not more than this, whatever a damaged head claims. */
const MAX_ROOM = 8 * 1024 * 1024;
/** Room for a usual block before it is compressed, and how much of it is kept for the next. */
const ROOM = 256 * 1024;
const ROOM_KEPT = 4 * 1024 * 1024;

export interface BlockHead {
  /** Bytes after the head. */
  readonly packed: number;
  readonly unpacked: number;
  readonly entries: number;
  readonly crc: number;
}

/**
 * Packs blocks, one after the other, in room that is used again: what a block is taken apart into would otherwise be thousands of objects
 * that live just long enough to be taken for lasting.
 */
export class BlockPacker {
  readonly #patterns = new PatternTable();
  #bytes = new ByteWriter(ROOM);

  /**
   * Packs entries, head included. What it gives has been unpacked and compared, also where it had to be packed without patterns.
   *
   * @throws Error when the entries cannot be given back as they were, either way
   */
  pack(entries: readonly Entry[]): Buffer {
    for (const byPattern of [true, false]) {
      const block = this.#seal(entries, byPattern);
      if (isSame(entries, unpackBlock(readBlockHead(block)!, block.subarray(BLOCK_HEAD)))) return block;
    }
    throw new Error("a packed block did not give back what was packed");
  }

  #seal(entries: readonly Entry[], byPattern: boolean): Buffer {
    const bytes = this.#bytes;
    writeHeads(entries, byPattern, bytes);
    if (byPattern) writePatterns(entries, this.#patterns, bytes);
    else writeBodies(entries, bytes);
    const block = seal(bytes.done(), entries.length);
    this.#patterns.clear();
    if (bytes.length > ROOM_KEPT) this.#bytes = new ByteWriter(ROOM);
    else bytes.clear();
    return block;
  }
}

/** The head at the start of some bytes; null where they are too few or say what cannot be. */
export function readBlockHead(bytes: Buffer): BlockHead | null {
  if (bytes.length < BLOCK_HEAD) return null;
  const [packed, unpacked, entries, crc] = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  return packed === 0 || entries === 0 || unpacked < entries ? null : { packed, unpacked, entries, crc };
}

/** The entries of a block; null when its check sum is wrong. */
export function unpackBlock(head: BlockHead, packed: Buffer): PackedEntries | null {
  const { unpacked } = head;
  if (packed.length !== head.packed || crc32(packed) !== head.crc) return null;
  try {
    // With room for a byte more the decoder sees at once that it is at the end, and nothing has to be put together.
    const chunkSize = Math.min(Math.max(unpacked + 1, constants.Z_MIN_CHUNK), MAX_ROOM);
    const whole = zstdDecompressSync(packed, { maxOutputLength: unpacked + 1, chunkSize });
    return whole.length <= unpacked ? decode(whole, head.entries) : null;
  } catch {
    // A check sum can be right by chance where bytes are not.
    return null;
  }
}

function seal(bytes: Buffer, entries: number): Buffer {
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL };
  const packed = zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length });
  const block = Buffer.allocUnsafe(BLOCK_HEAD + packed.length);
  block.writeUInt32LE(packed.length, 0);
  block.writeUInt32LE(bytes.length, 4);
  block.writeUInt32LE(entries, 8);
  block.writeUInt32LE(crc32(packed), 12);
  packed.copy(block, BLOCK_HEAD);
  return block;
}

/** Kinds, nanoseconds and times. */
function writeHeads(entries: readonly Entry[], byPattern: boolean, bytes: ByteWriter): void {
  bytes.u8(byPattern ? PATTERNS : PLAIN);
  for (const { kind } of entries) bytes.u8(kind);
  const hasNanos = entries.some(({ nanos }) => nanos !== 0);
  bytes.u8(hasNanos ? 1 : 0);
  if (hasNanos) for (const { nanos } of entries) bytes.u16(nanos);
  // Differences of integers far from 2^53 are exact; anything else stands as it is.
  const areSmall = entries.every(
    ({ time }) => Number.isInteger(time) && !Object.is(time, -0) && Math.abs(time) < 2 ** 51,
  );
  bytes.u8(areSmall ? 1 : 0);
  let before = 0;
  for (const { time } of entries) {
    if (areSmall) {
      bytes.signed(time - before);
      before = time;
    } else bytes.f64(time);
  }
}

function writeBodies(entries: readonly Entry[], bytes: ByteWriter): void {
  for (const { body } of entries) bytes.varint(body.length);
  bytes.u32(entries.reduce((sum, { body }) => sum + body.length, 0));
  for (const { body } of entries) bytes.bytes(body);
}

/** The number of each body's pattern, 0 for none; the bodies without; then the patterns in the order of their numbers. */
function writePatterns(entries: readonly Entry[], patterns: PatternTable, bytes: ByteWriter): void {
  const found = entries.map(({ body }) => patterns.add(body));
  const kept = patterns.used
    .filter(({ rows }) => rows >= LEAST_ROWS)
    .sort((a, b) => b.rows - a.rows)
    .slice(0, MAX_PATTERNS);
  const numbers = new Map(kept.map((pattern, index) => [pattern, index + 1]));
  const others: Buffer[] = [];
  for (const [index, pattern] of found.entries()) {
    const id = pattern === null ? 0 : (numbers.get(pattern) ?? 0);
    bytes.u8(id);
    if (id === 0) others.push(entries[index]!.body);
  }
  const whole = Buffer.concat(others);
  const lengths = others.map(({ length }) => length);
  const apart = splitDigits(whole, lengths);
  for (const length of lengths) bytes.varint(length);
  bytes.u8(apart === null ? PLAIN : APART);
  bytes.u32((apart ?? whole).length);
  bytes.bytes(apart ?? whole);
  bytes.u8(kept.length);
  for (const pattern of kept) pattern.write(bytes);
}

function decode(whole: Buffer, count: number): PackedEntries {
  const bytes = new ByteReader(whole);
  const encoding = bytes.u8();
  const kinds = bytes.bytes(count);
  const nanos = bytes.u8() === 1 ? Uint16Array.from({ length: count }, () => bytes.u16()) : null;
  const times = readTimes(bytes, bytes.u8() === 1, count);
  const ids: Uint8Array = encoding === PATTERNS ? bytes.bytes(count) : new Uint8Array(count);
  const counts = new Uint32Array(MAX_PATTERNS + 1);
  const rows = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) {
    const id = ids[at]!;
    rows[at] = counts[id]!;
    counts[id]! += 1;
  }
  const bodies = readBodies(bytes, encoding, counts[0]!);
  const patterns =
    encoding === PATTERNS
      ? Array.from({ length: bytes.u8() }, (_, index) => new TextPattern(bytes, counts[index + 1]!))
      : [];
  if (counts.findLastIndex((one) => one > 0) > patterns.length) throw new RangeError("a pattern is missing");
  return new PackedEntries({ kinds, times, nanos, ids, rows, bodies, patterns });
}

function readBodies(bytes: ByteReader, encoding: number, count: number): Buffer[] {
  const lengths = Array.from({ length: count }, () => bytes.varint());
  const isApart = (encoding === PATTERNS ? bytes.u8() : encoding) === APART;
  const texts = bytes.bytes(bytes.u32());
  const whole = isApart ? joinDigits(texts, lengths) : texts;
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return whole.subarray(at - length, at);
  });
}

/** Times one after the other, as differences or as they are. */
function readTimes(bytes: ByteReader, areSmall: boolean, count: number): Float64Array {
  const times = areSmall ? bytes.signed(count) : Float64Array.from({ length: count }, () => bytes.f64());
  if (areSmall) for (let at = 1; at < count; at += 1) times[at]! += times[at - 1]!;
  return times;
}

/** The longest body whose copy is looked at in memory that is used again. */
const SHORT = 64 * 1024;
const scratch = Buffer.allocUnsafeSlow(SHORT);

function isSame(entries: readonly Entry[], back: PackedEntries | null): boolean {
  return (
    back !== null &&
    back.length === entries.length &&
    entries.every(({ kind, time, nanos, body }, index) => {
      const other = back.at(index)!;
      if (kind !== other.kind || !Object.is(time, other.time) || nanos !== other.nanos) return false;
      const { pattern, row } = other;
      if (pattern !== undefined && body.length <= SHORT) return pattern.isSame(row!, body, scratch);
      return body.equals(other.body);
    })
  );
}
