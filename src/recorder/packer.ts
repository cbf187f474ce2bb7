import { existsSync } from "node:fs";
import { type FileHandle, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { KalshiError } from "../errors.js";
import { syncFolder, temporaryBeside, writeError, writeFileAtomic } from "../store/atomic-file.js";
import { BlockPacker } from "../store/packed-block.js";
import { PackedWriter } from "../store/packed-writer.js";
import { segmentName } from "../store/segment.js";
import { packedBlocks, rawBlocks, type SegmentBlock } from "../store/segment-block.js";
import { listSegments, openSegment, segmentFormat } from "../store/segment-reader.js";
import { Catalog } from "./catalog.js";
import { type Grain, Indexer } from "./indexer.js";
import { indexName } from "./segment-index.js";
import type { Tracker } from "./tracker.js";

export interface PackOptions extends Grain {
  readonly dir: string;
  /** False only makes the indexes. */
  readonly compress: boolean;
  /** Asked before each block: whether to leave it for another time. */
  readonly isStopped: () => boolean;
}

/** What became of one segment. */
export interface PackedSegment {
  readonly segment: number;
  /** Its length before and after; the same where it was not packed. */
  readonly before: number;
  readonly after: number;
  /** Why it could not be packed; the raw segment stays. */
  readonly problem: KalshiError | null;
}

/**
 * Packs the closed segments of a folder and makes their indexes, one after the other, as far as that has not been done. Each is written to a
 * temporary file, synced, and renamed over the raw one, so that at any moment either of them is there, and never both.
 *
 * Only for who holds the folder.
 */
export class Packer {
  readonly #options: PackOptions;
  readonly #catalog: Catalog;
  readonly #blocks = new BlockPacker();
  readonly #done = new Set<number>();
  /** What is known behind the last segment that was gone through. */
  #behind: { readonly segment: number; readonly tracker: Tracker } | null = null;

  constructor(options: PackOptions) {
    this.#options = options;
    this.#catalog = new Catalog(options.dir, options);
  }

  /** Does what is to be done with the segments below a number; what has become of each is told as it is done. */
  async *pack(below: number): AsyncGenerator<PackedSegment> {
    const closed = (await listSegments(this.#options.dir)).filter((number) => number < below);
    for (const [at, number] of closed.entries()) {
      if (this.#options.isStopped()) return;
      if (this.#done.has(number)) continue;
      if (await this.#isDone(number)) {
        this.#done.add(number);
        continue;
      }
      const isNext = this.#behind !== null && this.#behind.segment === closed[at - 1];
      const before = isNext ? this.#behind!.tracker : await this.#catalog.trackerBehind(closed.slice(0, at));
      this.#behind = null;
      const result = await this.#one(number, before);
      if (result === null) return;
      if (result.problem === null) this.#done.add(number);
      yield result;
    }
  }

  async #isDone(number: number): Promise<boolean> {
    if (!(await this.#catalog.isGood(number))) return false;
    if (!this.#options.compress) return true;
    const path = join(this.#options.dir, segmentName(number));
    const file = await openSegment(path);
    try {
      return (await segmentFormat(file, path)) === "packed";
    } finally {
      await file.close();
    }
  }

  /** Null when it was stopped. */
  async #one(number: number, before: Tracker): Promise<PackedSegment | null> {
    const { dir } = this.#options;
    const path = join(dir, segmentName(number));
    const indexer = new Indexer(this.#options, before);
    const file = await openSegment(path);
    try {
      const format = (await segmentFormat(file, path)) ?? "raw";
      const { size } = await file.stat();
      const walk = await this.#walk(file, format, path, indexer);
      if (walk === null) return null;
      this.#behind = { segment: number, tracker: indexer.tracker };
      const { packed, places } = walk;
      let { problem } = walk;
      if (packed !== null) {
        problem = await putInPlace(
          packed,
          join(dir, indexName(number)),
          indexer.write(number, "packed", packed.length, packed.places),
        );
        if (problem === null) return { segment: number, before: size, after: packed.length, problem };
      }
      await writeFileAtomic(join(dir, indexName(number)), indexer.write(number, format, size, places));
      return { segment: number, before: size, after: size, problem };
    } catch (error) {
      return { segment: number, before: 0, after: 0, problem: writeError(path, error) };
    } finally {
      await file.close();
    }
  }

  /** Goes through a segment: its index, and when it is to be packed and nothing stands against it, what it is packed into. */
  async #walk(file: FileHandle, format: "raw" | "packed", path: string, indexer: Indexer): Promise<Walk | null> {
    const { compress, isStopped, blockBytes } = this.#options;
    const places: Place[] = [];
    let packed: PackedWriter | null = null;
    let problem: KalshiError | null = null;
    let isWhole = compress && format === "raw";
    try {
      for await (const block of format === "packed" ? packedBlocks(file) : rawBlocks(file, blockBytes)) {
        if (isStopped()) return null;
        indexer.add(block.entries);
        places.push({ offset: block.offset, length: block.length, crc: block.crc });
        // What is damaged stays as it is: it may yet be of use to someone.
        isWhole &&= block.entries !== null;
        if (!isWhole || block.entries === null) continue;
        try {
          packed ??= await PackedWriter.begin(path, this.#blocks);
          await packed.add([...block.entries]);
        } catch (error) {
          problem = writeError(path, error);
          isWhole = false;
        }
      }
      const result = { packed: isWhole ? packed : null, places, problem };
      if (isWhole) packed = null;
      return result;
    } finally {
      await packed?.discard();
    }
  }
}

/** Removes what packing has left unfinished when it was killed. Only for who holds the folder. */
export async function removeUnfinished(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (/^\d{8,}\.(seg|idx)\..*\.tmp$/.test(name)) await rm(join(dir, name), { force: true });
  }
}

/** Bytes of the segments below a number that are not packed, or have no index. */
export async function leftRaw(dir: string, below: number, compress: boolean): Promise<number> {
  let bytes = 0;
  for (const number of await listSegments(dir)) {
    if (number >= below) break;
    const path = join(dir, segmentName(number));
    const file = await openSegment(path);
    try {
      // What is no segment at all is told by whoever reads it.
      const format = await segmentFormat(file, path).catch(() => null);
      const isRaw = compress && format === "raw";
      if (isRaw || !existsSync(join(dir, indexName(number)))) bytes += (await file.stat()).size;
    } finally {
      await file.close();
    }
  }
  return bytes;
}

type Place = Pick<SegmentBlock, "offset" | "length" | "crc">;

interface Walk {
  readonly packed: PackedWriter | null;
  readonly places: readonly Place[];
  readonly problem: KalshiError | null;
}

/** Puts a packed segment and its index in their places, right after each other. What goes wrong is given back, and nothing is left of it. */
async function putInPlace(packed: PackedWriter, path: string, index: Buffer): Promise<KalshiError | null> {
  const temporary = temporaryBeside(path);
  try {
    await packed.finish(() => writeFile(temporary, index, { flush: true }));
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return null;
  } catch (error) {
    await rm(temporary, { force: true });
    await packed.discard();
    return writeError(path, error);
  }
}
