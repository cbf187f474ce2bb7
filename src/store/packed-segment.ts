import { BLOCK_HEAD, readBlockHead, unpackBlock } from "./packed-block.js";
import type { PackedEntries } from "./packed-entries.js";
import type { SegmentFile } from "./segment-file.js";

/**
 * A packed segment: eight bytes, then blocks. It stands under the name of the raw segment it was made of, with all of its entries, and never
 * changes again.
 */
export const PACKED_MAGIC: Buffer = Buffer.from("KLABZST1", "latin1");

/** A block of a packed segment, or a place where it is damaged. */
export type PackedPart =
  | { readonly offset: number; readonly length: number; readonly entries: PackedEntries }
  | { readonly offset: number; readonly length: number; readonly entries: null };

/** What is read at a time, or one block where it is longer. */
const WINDOW = 1024 * 1024;

/** Reads the blocks of a packed segment in order. Behind a damaged block whose head is whole it goes on with the next. */
export async function* readPacked(file: SegmentFile): AsyncGenerator<PackedPart> {
  const { size } = await file.stat();
  const bytes = new Window(file);
  let offset = PACKED_MAGIC.length;
  while (offset < size) {
    const head = readBlockHead(await bytes.read(offset, BLOCK_HEAD));
    const length = head === null ? size - offset : BLOCK_HEAD + head.packed;
    if (head === null || offset + length > size) {
      yield { offset, length: size - offset, entries: null };
      return;
    }
    yield { offset, length, entries: unpackBlock(head, await bytes.read(offset + BLOCK_HEAD, head.packed)) };
    offset += length;
  }
}

/** A file that is read in large pieces. */
class Window {
  readonly #file: SegmentFile;
  #bytes: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(file: SegmentFile) {
    this.#file = file;
  }

  /** The bytes at a place; fewer at the file's end. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.#offset + this.#bytes.length) {
      const piece = Buffer.allocUnsafe(Math.max(WINDOW, length));
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, offset);
      this.#bytes = piece.subarray(0, bytesRead);
      this.#offset = offset;
    }
    return this.#bytes.subarray(offset - this.#offset, offset - this.#offset + length);
  }
}
