import { type Block, blockHeader, freed, type RowOrder } from "./block.js";

/** Bytes of a piece, and how many emptied ones are kept to be filled again. */
const PIECE = 1 << 20;
const PIECES_KEPT = 4;

const ROWS_AT_ONCE = 100;

/**
 * Blocks of rows on their way into the file, in pieces that are used again: buffers that grow, or are made anew for each page, are left
 * behind faster than they are collected.
 */
export class BlockWriter {
  readonly #full: Buffer<ArrayBuffer>[] = [];
  readonly #free: Buffer<ArrayBuffer>[] = [];
  #piece: Buffer<ArrayBuffer> | null = null;
  #used = 0;
  #bytes = 0;
  #blocks: Block[] = [];

  /** Bytes to be written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes, piece by piece. */
  get pieces(): readonly Buffer[] {
    return this.#piece === null ? this.#full : [...this.#full, this.#piece.subarray(0, this.#used)];
  }

  /** Blocks in them, their offsets counted from the first byte. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** Adds rows as one block, ascending when there is an order. Rows that compare equal keep the order in which they came. */
  add(rows: readonly unknown[], order: RowOrder | null): void {
    if (rows.length === 0) return;
    const { sorted, range } = arranged(rows, order);
    const texts: string[] = [];
    let bytes = 0;
    // Some rows at a time: a text of the whole page would be a large object, which only the slow collection of garbage frees.
    for (let from = 0; from < sorted.length; from += ROWS_AT_ONCE) {
      let text = "";
      for (const row of sorted.slice(from, from + ROWS_AT_ONCE)) text += `${JSON.stringify(row)}\n`;
      texts.push(text);
      bytes += Buffer.byteLength(text);
    }
    this.#write(blockHeader({ rows: rows.length, bytes, range }));
    this.#blocks.push({ offset: this.#bytes, bytes, rows: rows.length, range });
    for (const text of texts) this.#write(text);
  }

  /** Adds the blocks of another writer behind the own ones, and empties it. */
  absorb(other: BlockWriter): void {
    for (const block of other.blocks) this.#blocks.push({ ...block, offset: block.offset + this.#bytes });
    for (const piece of other.pieces) {
      piece.copy(this.#room(piece.length));
      this.#took(piece.length);
    }
    other.clear();
  }

  /** Empties it; some of its pieces stay to be filled again. */
  clear(): void {
    for (const piece of this.#piece === null ? this.#full : [...this.#full, this.#piece]) {
      const whole = Buffer.from(piece.buffer);
      if (whole.length === PIECE && this.#free.length < PIECES_KEPT) this.#free.push(whole);
      else freed(whole);
    }
    this.#full.length = 0;
    this.#piece = null;
    this.#used = 0;
    this.#bytes = 0;
    this.#blocks = [];
  }

  /** Frees the pieces that are empty. */
  release(): void {
    for (const piece of this.#free.splice(0)) freed(piece);
  }

  #write(text: string): void {
    this.#took(this.#room(Buffer.byteLength(text)).write(text, "utf8"));
  }

  /** Where `bytes` more go. */
  #room(bytes: number): Buffer {
    if (this.#piece === null || this.#used + bytes > this.#piece.length) {
      if (this.#piece !== null) this.#full.push(this.#piece.subarray(0, this.#used));
      this.#piece = bytes > PIECE ? Buffer.allocUnsafeSlow(bytes) : (this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE));
      this.#used = 0;
    }
    return this.#piece.subarray(this.#used);
  }

  #took(bytes: number): void {
    this.#used += bytes;
    this.#bytes += bytes;
  }
}

/** Rows ascending, with the keys of the first and the last. */
function arranged(
  rows: readonly unknown[],
  order: RowOrder | null,
): { sorted: readonly unknown[]; range: Block["range"] } {
  if (order === null) return { sorted: rows, range: null };
  const { keyOf, compare } = order;
  const keys = rows.map(keyOf);
  const index = rows.map((_, at) => at);
  const ascends = (a: number, b: number): number => compare(keys[a]!, keys[b]!) || a - b;
  if (!index.every((at) => at === 0 || ascends(at - 1, at) <= 0)) {
    // The exchange sends newest first, so the reverse is often all that is needed, and always nearly so.
    index.reverse().sort(ascends);
  }
  return {
    sorted: index.map((at) => rows[at]),
    range: [keys[index[0]!]!, keys[index.at(-1)!]!],
  };
}
