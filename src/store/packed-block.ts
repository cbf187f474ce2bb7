import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { ByteReader, ByteWriter } from "./bytes.js";
import { joinDigits, splitDigits } from "./digit-columns.js";
import type { Entry } from "./segment.js";

/**
 * A block of a packed segment: some entries, compressed by themselves.
 *
 * Sixteen bytes, little-endian: packed length, length before compression, number of entries, CRC-32 of the packed bytes. Then one zstd
 * frame (Node's decoder stops after one, hence the length), which holds the entries by column: kinds, nanoseconds, times as differences,
 * lengths, and the bodies, their digits apart.
 */
export const BLOCK_HEAD = 16;

/** The level above takes longer and gains nothing. */
const LEVEL = 8;
const PLAIN = 0;
const APART = 1;

export interface BlockHead {
  /** Bytes after the head. */
  readonly packed: number;
  readonly unpacked: number;
  readonly entries: number;
  readonly crc: number;
}

/** Packs entries, head included. What it gives has been unpacked and compared. */
export function packBlock(entries: readonly Entry[]): Buffer {
  const apart = encode(entries, true);
  const block = apart === null ? null : seal(apart, entries.length);
  if (block !== null && isSame(entries, unpackBlock(readBlockHead(block)!, block.subarray(BLOCK_HEAD)))) return block;
  return seal(encode(entries, false)!, entries.length);
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
export function unpackBlock(head: BlockHead, packed: Buffer): Entry[] | null {
  if (packed.length !== head.packed || crc32(packed) !== head.crc) return null;
  try {
    return decode(zstdDecompressSync(packed, { maxOutputLength: head.unpacked }), head.entries);
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

function encode(entries: readonly Entry[], digitsApart: boolean): Buffer | null {
  const bodies = Buffer.concat(entries.map(({ body }) => body));
  const lengths = entries.map(({ body }) => body.length);
  const texts = digitsApart ? splitDigits(bodies, lengths) : bodies;
  if (texts === null) return null;
  const bytes = new ByteWriter(texts.length + entries.length * 8 + 64);
  bytes.u8(digitsApart ? APART : PLAIN);
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
      const step = time - before;
      bytes.varint(step < 0 ? -2 * step - 1 : 2 * step);
      before = time;
    } else bytes.f64(time);
  }
  for (const length of lengths) bytes.varint(length);
  bytes.u32(texts.length);
  bytes.bytes(texts);
  return bytes.done();
}

function decode(whole: Buffer, count: number): Entry[] {
  const bytes = new ByteReader(whole);
  const encoding = bytes.u8();
  const kinds = bytes.bytes(count);
  const nanos = bytes.u8() === 1 ? Array.from({ length: count }, () => bytes.u16()) : null;
  const times = new Times(bytes, bytes.u8() === 1);
  const received = Array.from({ length: count }, () => times.next());
  const lengths = Array.from({ length: count }, () => bytes.varint());
  const texts = bytes.bytes(bytes.u32());
  const bodies = encoding === APART ? joinDigits(texts, lengths) : texts;
  let at = 0;
  return lengths.map((length, index) => {
    at += length;
    return {
      kind: kinds[index]!,
      time: received[index]!,
      nanos: nanos?.[index] ?? 0,
      body: bodies.subarray(at - length, at),
    };
  });
}

/** Times one after the other, as differences or as they are. */
class Times {
  readonly #bytes: ByteReader;
  readonly #areSmall: boolean;
  #before = 0;

  constructor(bytes: ByteReader, areSmall: boolean) {
    this.#bytes = bytes;
    this.#areSmall = areSmall;
  }

  next(): number {
    if (!this.#areSmall) return this.#bytes.f64();
    const step = this.#bytes.varint();
    this.#before += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    return this.#before;
  }
}

function isSame(entries: readonly Entry[], back: readonly Entry[] | null): boolean {
  return (
    back !== null &&
    back.length === entries.length &&
    entries.every(({ kind, time, nanos, body }, index) => {
      const other = back[index]!;
      return kind === other.kind && Object.is(time, other.time) && nanos === other.nanos && body.equals(other.body);
    })
  );
}
