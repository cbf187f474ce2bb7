import { existsSync, fstatSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { BookEvent } from "../book/event.js";
import { writeFileAtomic } from "../store/atomic-file.js";
import { LOCK_FILE } from "../store/lock.js";
import { segmentName } from "../store/segment.js";
import { packedBlocks, rawBlocks, readBlock, type SegmentBlock } from "../store/segment-block.js";
import { openAtOnce, type SegmentFile } from "../store/segment-file.js";
import { listSegments, segmentFormat } from "../store/segment-reader.js";
import type { Timestamp } from "../units/time.js";
import { type Grain, Indexer } from "./indexer.js";
import { type Keyframe, keyframeOf, readKeyframe, trackerAt } from "./keyframe.js";
import {
  type IndexBlock,
  indexName,
  type KeyframePlace,
  type LoadedIndex,
  parseIndex,
  readIndex,
  type SegmentIndex,
} from "./segment-index.js";
import { type ClockName, type LeftBook, Tracker } from "./tracker.js";
import { UnpackedBlocks } from "./unpacked-blocks.js";

/** A closed segment held open to be read, with the index that is of it. */
export interface IndexedSegment {
  readonly number: number;
  readonly index: SegmentIndex;
  /** The entries of a block; null where it is damaged. */
  read(block: IndexBlock): SegmentBlock["entries"];
  /** What was known before a block; of the books only one, when that is enough. */
  trackerBefore(block: number, only?: string, listener?: (event: BookEvent) => void): Promise<Tracker>;
  /** The same as plain data. */
  stateBefore(block: number, only: string): Promise<Keyframe>;
  close(): Promise<void>;
}

/** A place to begin reading: the block of a segment with a keyframe. */
export interface Place {
  readonly segment: number;
  readonly block: number;
}

/**
 * The closed segments of a recording and their indexes. An index that is missing, damaged or not of its segment is made anew, and kept beside
 * it unless a recorder is at work there, which makes its own.
 */
export class Catalog {
  readonly #dir: string;
  readonly #grain: Grain;
  readonly #known = new Map<number, { readonly loaded: LoadedIndex; readonly file: string }>();

  readonly #unpacked = new UnpackedBlocks();

  constructor(dir: string, grain: Grain = {}) {
    this.#dir = dir;
    this.#grain = grain;
  }

  /** Numbers of the segments that will not grow any more, ascending. What is behind them has to be read as it stands. */
  async closed(): Promise<number[]> {
    const numbers = await listSegments(this.#dir);
    const last = numbers.at(-1);
    if (last === undefined) return [];
    const path = join(this.#dir, segmentName(last));
    if (this.#knownIndex(last) !== null) return numbers;
    const file = openAtOnce(path);
    let isPacked: boolean;
    try {
      isPacked = (await segmentFormat(file, path)) === "packed";
    } finally {
      await file.close();
    }
    if (isPacked) return numbers;
    // A raw one gets its index when it is closed. That it has none is asked with every book, and to find it out by an error takes long.
    const isClosed = existsSync(join(this.#dir, indexName(last))) && (await this.isGood(last));
    return isClosed ? numbers : numbers.slice(0, -1);
  }

  /** Opens one of the closed segments, given with all of them. */
  async open(number: number, closed: readonly number[]): Promise<IndexedSegment> {
    const path = join(this.#dir, segmentName(number));
    const file = openAtOnce(path);
    try {
      const stats = fstatSync(file.fd);
      const loaded = await this.#loaded(number, closed, file, path);
      const read = (block: IndexBlock) => this.#unpacked.read(keyOf(stats), loaded.index, block, file);
      return indexed(number, loaded, file, read, () => this.#make(number, closed, file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The last keyframe before which every time is before a moment, or null: then it has to be read from the start. */
  async placeBefore(time: Timestamp, clock: ClockName, closed: readonly number[]): Promise<Place | null> {
    // Latest times only grow along a recording. A segment that was packed since its index was read has other blocks, of which the first begins
    // the same: it is enough to look again at the one that is found.
    let low = 0;
    let high = closed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const number = closed[middle]!;
      const { blocks } = this.#known.get(number)?.loaded.index ?? (await this.#indexOf(number, closed));
      if (blocks.some((one) => isBefore(one, time, clock))) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    const segment = closed[low - 1]!;
    const { blocks } = await this.#indexOf(segment, closed);
    const block = blocks.findLastIndex((one) => isBefore(one, time, clock));
    return block < 0 ? null : { segment, block };
  }

  /** The index that is known of a segment, where it is the same segment still. */
  #knownIndex(number: number): SegmentIndex | null {
    const known = this.#known.get(number);
    const stats = known === undefined ? undefined : statSync(join(this.#dir, segmentName(number)), noThrow);
    return known !== undefined && stats !== undefined && known.file === keyOf(stats) ? known.loaded.index : null;
  }

  /** The index of a segment as it is now. */
  async #indexOf(number: number, closed: readonly number[]): Promise<SegmentIndex> {
    const known = this.#knownIndex(number);
    if (known !== null) return known;
    const segment = await this.open(number, closed);
    await segment.close();
    return segment.index;
  }

  /** What is known at the end of some segments, or of their last; of the books only one, when that is enough. */
  async trackerBehind(segments: readonly number[], only?: string): Promise<Tracker> {
    const last = segments.at(-1);
    if (last === undefined) return new Tracker();
    const segment = await this.open(last, segments);
    try {
      return await segment.trackerBefore(segment.index.blocks.length, only);
    } finally {
      await segment.close();
    }
  }

  /**
   * What the segments before one have left of a market's book, where the keyframes behind them know it no longer: see
   * {@link Tracker.forgetEnded}. Null where it never had one.
   */
  async lastOf(ticker: string, closed: readonly number[], before: number): Promise<LeftBook | null> {
    for (let at = closed.indexOf(before) - 1; at >= 0; at -= 1) {
      const { tickers } = await this.#indexOf(closed[at]!, closed);
      if (!tickers.includes(ticker)) continue;
      const { left } = (await this.trackerBehind(closed.slice(0, at + 1), ticker)).save();
      const found = left.find(([name]) => name === ticker);
      if (found !== undefined) return found[1];
      // It was named here though it had ended before, as where it was settled.
    }
    return null;
  }

  async #loaded(number: number, closed: readonly number[], file: SegmentFile, path: string): Promise<LoadedIndex> {
    const stats = fstatSync(file.fd);
    const { size } = stats;
    const key = keyOf(stats);
    const known = this.#known.get(number);
    if (known !== undefined && known.file === key) return known.loaded;
    const read = readIndex(this.#dir, number);
    const format = (await segmentFormat(file, path)) ?? "raw";
    const isGood = read !== null && isOf(read, format, size, file);
    const loaded = isGood ? read : await this.#make(number, closed, file);
    this.#known.set(number, { loaded, file: key });
    return loaded;
  }

  async #make(number: number, closed: readonly number[], file: SegmentFile): Promise<LoadedIndex> {
    const at = closed.indexOf(number);
    // From the last index that is good, one after the other, so that each finds the one before.
    let first = at;
    while (first > 0 && !(await this.isGood(closed[first - 1]!))) first -= 1;
    for (const earlier of closed.slice(first, at)) await (await this.open(earlier, closed)).close();
    const before = at > 0 ? await this.trackerBehind(closed.slice(0, at)) : undefined;
    const path = join(this.#dir, segmentName(number));
    const bytes = await indexOf(number, (await segmentFormat(file, path)) ?? "raw", file, this.#grain, before);
    const isKept = !existsSync(join(this.#dir, LOCK_FILE)) && (await this.#keep(number, bytes));
    return (isKept ? readIndex(this.#dir, number) : null) ?? parseIndex(bytes, number)!;
  }

  async #keep(number: number, bytes: Buffer): Promise<boolean> {
    try {
      await writeFileAtomic(join(this.#dir, indexName(number)), bytes);
      return true;
    } catch {
      // A folder that cannot be written into is read all the same.
      return false;
    }
  }

  /** Whether a segment has an index that is of it. */
  async isGood(number: number): Promise<boolean> {
    const path = join(this.#dir, segmentName(number));
    const file = openAtOnce(path);
    try {
      const stats = fstatSync(file.fd);
      const { size } = stats;
      const key = keyOf(stats);
      if (this.#known.get(number)?.file === key) return true;
      const loaded = readIndex(this.#dir, number);
      const format = (await segmentFormat(file, path)) ?? "raw";
      if (loaded === null || !isOf(loaded, format, size, file)) return false;
      this.#known.set(number, { loaded, file: key });
      return true;
    } finally {
      await file.close();
    }
  }
}

const noThrow = { throwIfNoEntry: false } as const;

/** What another file has another of. */
function keyOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}

/** The index of a segment as it stands, as the bytes of its file. */
async function indexOf(
  number: number,
  format: SegmentIndex["format"],
  file: SegmentFile,
  grain: Grain,
  before?: Tracker,
): Promise<Buffer> {
  const indexer = new Indexer(grain, before);
  const places: Pick<SegmentBlock, "offset" | "length" | "crc">[] = [];
  for await (const { offset, length, crc, entries } of format === "packed"
    ? packedBlocks(file)
    : rawBlocks(file, grain.blockBytes)) {
    indexer.add(entries);
    places.push({ offset, length, crc });
  }
  const { size } = await file.stat();
  return indexer.write(number, format, size, places);
}

function indexed(
  number: number,
  { index, keyframe }: LoadedIndex,
  file: SegmentFile,
  read: IndexedSegment["read"],
  remake: () => Promise<LoadedIndex>,
): IndexedSegment {
  const bytesOf = async (place: KeyframePlace): Promise<Buffer> => {
    // Where it is not as it was written, the same segment gives the same again.
    const bytes = keyframe(place) ?? (await remake()).keyframe(place);
    if (bytes === null) throw new Error(`the index of segment ${number} cannot be made`);
    return bytes;
  };
  return {
    number,
    index,
    read,
    close: () => file.close(),
    async trackerBefore(block, only, listener) {
      const from = index.blocks.findLastIndex((one, at) => at <= block && one.keyframe !== null);
      // Only a segment without blocks has no keyframe, and nobody asks one of those.
      if (from < 0) return new Tracker(listener);
      const tracker = trackerAt(readKeyframe(await bytesOf(index.blocks[from]!.keyframe!), only), listener);
      for (const passed of index.blocks.slice(from, block)) {
        const entries = read(passed);
        if (entries === null) tracker.damaged();
        else for (const entry of entries) tracker.take(entry);
      }
      return tracker;
    },
    async stateBefore(block, only) {
      const place = index.blocks[block]?.keyframe ?? null;
      if (place === null) return keyframeOf(await this.trackerBefore(block, only));
      return readKeyframe(await bytesOf(place), only);
    },
  };
}

function isBefore({ keyframe }: IndexBlock, time: Timestamp, clock: ClockName): boolean {
  if (keyframe === null || keyframe.latest === "never") return false;
  const latest = keyframe.latest[clock];
  return latest === null || latest < time;
}

/** Whether an index is of a segment: its length, and the check sums of its first and last block. */
function isOf({ index }: LoadedIndex, format: SegmentIndex["format"], size: number, file: SegmentFile): boolean {
  if (index.format !== format || index.bytes !== size) return false;
  for (const block of [index.blocks[0], index.blocks.at(-1)]) {
    if (block !== undefined && !block.damaged && readBlock(file, format, block) === null) return false;
  }
  return true;
}
