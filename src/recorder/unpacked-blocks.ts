import { type Entries, PackedEntries } from "../store/packed-entries.js";
import { readBlock } from "../store/segment-block.js";
import type { SegmentFile } from "../store/segment-file.js";
import type { IndexBlock, SegmentIndex } from "./segment-index.js";

/** As many as a question walks through; each is some hundred kilobytes. */
const MOST = 6;

/** The packed blocks that were read last: who asks for the books of several markets at a moment reads the same ones each time. */
export class UnpackedBlocks {
  /** By the file they are of and their place in it, the oldest first. */
  readonly #blocks = new Map<string, PackedEntries>();

  /** The entries of a block; null where it is damaged. `key` tells a file from every other. */
  read(key: string, { segment, format }: SegmentIndex, block: IndexBlock, file: SegmentFile): Entries | null {
    if (block.damaged) return null;
    const name = `${segment} ${key} ${block.offset}`;
    const known = this.#blocks.get(name);
    this.#blocks.delete(name);
    const entries = known ?? readBlock(file, format, block);
    if (!(entries instanceof PackedEntries)) return entries;
    this.#blocks.set(name, entries);
    if (this.#blocks.size > MOST) this.#blocks.delete(this.#blocks.keys().next().value!);
    return entries;
  }
}
