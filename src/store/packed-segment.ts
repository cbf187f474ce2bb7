import type { FileHandle } from "node:fs/promises";
import { BLOCK_HEAD, type BlockHead, readBlockHead, unpackBlock } from "./packed-block.js";
import type { Entry } from "./segment.js";

/**
 * A packed segment: eight bytes, then blocks. It stands under the name of the raw segment it was made of, with all of its entries, and never
 * changes again.
 */
export const PACKED_MAGIC: Buffer = Buffer.from("KLABZST1", "latin1");

/** A block of a packed segment, or a place where it is damaged. */
export type PackedPart =
  | { readonly offset: number; readonly length: number; readonly entries: readonly Entry[] }
  | { readonly offset: number; readonly length: number; readonly entries: null };

/** Reads the blocks of a packed segment in order. Behind a damaged block whose head is whole it goes on with the next. */
export async function* readPacked(file: FileHandle): AsyncGenerator<PackedPart> {
  const { size } = await file.stat();
  let offset = PACKED_MAGIC.length;
  while (offset < size) {
    const head = await readHead(file, offset);
    const length = head === null ? size - offset : BLOCK_HEAD + head.packed;
    if (head === null || offset + length > size) {
      yield { offset, length: size - offset, entries: null };
      return;
    }
    const packed = Buffer.allocUnsafe(head.packed);
    await file.read(packed, 0, packed.length, offset + BLOCK_HEAD);
    yield { offset, length, entries: unpackBlock(head, packed) };
    offset += length;
  }
}

async function readHead(file: FileHandle, offset: number): Promise<BlockHead | null> {
  const head = Buffer.allocUnsafe(BLOCK_HEAD);
  const { bytesRead } = await file.read(head, 0, BLOCK_HEAD, offset);
  return readBlockHead(head.subarray(0, bytesRead));
}
