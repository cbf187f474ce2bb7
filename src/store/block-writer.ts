import { type Block, blockHeader, type RowOrder } from "./block.js";

/** Sizes of the buffer in bytes: what it begins with, and what it may keep. */
const SMALLEST = 1 << 20;
const LARGEST = 8 << 20;

/** Blocks of rows on their way into the file: one buffer that is used again, as a new one per page costs more than filling it. */
export class BlockWriter {
  #buffer = Buffer.allocUnsafeSlow(SMALLEST);
  #bytes = 0;
  #blocks: Block[] = [];

  /** Bytes to be written. */
  get data(): Buffer {
    return this.#buffer.subarray(0, this.#bytes);
  }

  /** Blocks in them, their offsets counted from the first byte. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** Adds rows as one block, ascending when there is an order. Rows that compare equal keep the order in which they came. */
  add(rows: readonly unknown[], order: RowOrder | null): void {
    if (rows.length === 0) return;
    const { sorted, range } = arranged(rows, order);
    let text = "";
    for (const row of sorted) text += `${JSON.stringify(row)}\n`;
    const bytes = Buffer.byteLength(text);
    const header = blockHeader({ rows: rows.length, bytes, range });
    this.#write(header, Buffer.byteLength(header));
    this.#blocks.push({ offset: this.#bytes, bytes, rows: rows.length, range });
    this.#write(text, bytes);
  }

  /** Adds the blocks of another writer behind the own ones. */
  absorb(other: BlockWriter): void {
    for (const block of other.blocks) this.#blocks.push({ ...block, offset: block.offset + this.#bytes });
    this.#reserve(other.data.length);
    other.data.copy(this.#buffer, this.#bytes);
    this.#bytes += other.data.length;
  }

  clear(): void {
    if (this.#buffer.length > LARGEST) this.#buffer = Buffer.allocUnsafeSlow(SMALLEST);
    this.#bytes = 0;
    this.#blocks = [];
  }

  #write(text: string, bytes: number): void {
    this.#reserve(bytes);
    this.#bytes += this.#buffer.write(text, this.#bytes, "utf8");
  }

  #reserve(more: number): void {
    if (this.#bytes + more <= this.#buffer.length) return;
    const wider = Buffer.allocUnsafeSlow(Math.max(this.#bytes + more, this.#buffer.length * 2));
    this.data.copy(wider);
    this.#buffer = wider;
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
