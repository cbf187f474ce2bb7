import { type Block, BlockReader, BufferPool, type OrderKey, type RowOrder, type RowsFile } from "./block.js";

/** What the pieces of all open blocks take together, in bytes, and the bounds of one piece. */
const PIECES = 16 << 20;
const LARGEST_PIECE = 256 << 10;
const SMALLEST_PIECE = 1 << 10;

/** A block being read: its next row. */
interface Open {
  readonly reader: BlockReader;
  /** When the block came: the order of its writing. */
  readonly arrival: number;
  row: unknown;
  key: OrderKey;
}

/**
 * Rows of blocks that each ascend, as one ascending sequence in chunks, each key once: of rows with equal keys the one that came last.
 *
 * A block is opened when the merge reaches its first row and read in pieces that are the smaller the more blocks overlap, so memory
 * stays flat for few large blocks as for thousands that span the same time.
 *
 * @throws KalshiError `CHECKPOINT_DAMAGED`
 */
export function* mergeBlocks(
  file: RowsFile,
  blocks: readonly Block[],
  order: RowOrder,
  chunk: number,
): Generator<readonly unknown[]> {
  const { keyOf, compare } = order;
  const waiting = blocks
    .map((block, arrival) => ({ block, arrival }))
    .filter(({ block }) => block.rows > 0)
    .sort((a, b) => compare(firstOf(a.block), firstOf(b.block)) || a.arrival - b.arrival);
  const pool = new BufferPool(pieceFor(overlap(blocks, order)));
  const heap = new Heap<Open>((a, b) => compare(a.key, b.key) || a.arrival - b.arrival);
  let rows: unknown[] = [];
  let held: unknown;
  let heldKey: OrderKey = [];
  let opened = 0;
  try {
    for (;;) {
      while (
        opened < waiting.length &&
        (heap.top === undefined || compare(firstOf(waiting[opened]!.block), heap.top.key) <= 0)
      ) {
        const { block, arrival } = waiting[opened]!;
        const reader = new BlockReader(file, block, pool);
        const row = reader.next();
        heap.push({ reader, arrival, row, key: keyOf(row) });
        opened += 1;
      }
      const top = heap.top;
      if (top === undefined) break;
      // Versions of a record stand together now, the later ones behind: the last one stays.
      if (held !== undefined && compare(heldKey, top.key) !== 0) {
        rows.push(held);
        if (rows.length >= chunk) {
          yield rows;
          rows = [];
        }
      }
      held = top.row;
      heldKey = top.key;
      top.row = top.reader.next();
      if (top.row === undefined) {
        top.reader.close();
        heap.pop();
      } else {
        top.key = keyOf(top.row);
        heap.settle();
      }
    }
  } finally {
    pool.release();
  }
  if (held !== undefined) rows.push(held);
  if (rows.length > 0) yield rows;
}

function firstOf(block: Block): OrderKey {
  return block.range![0];
}

function pieceFor(open: number): number {
  return Math.max(SMALLEST_PIECE, Math.min(LARGEST_PIECE, Math.floor(PIECES / Math.max(1, open))));
}

/** How many blocks at most span one place. */
function overlap(blocks: readonly Block[], { compare }: RowOrder): number {
  const full = blocks.filter(({ rows }) => rows > 0);
  const firsts = full.map(({ range }) => range![0]).sort(compare);
  const lasts = full.map(({ range }) => range![1]).sort(compare);
  let most = 0;
  let ended = 0;
  for (const [begun, first] of firsts.entries()) {
    while (ended < lasts.length && compare(lasts[ended]!, first) < 0) ended += 1;
    most = Math.max(most, begun + 1 - ended);
  }
  return most;
}

/** A binary heap whose least element is on top. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get top(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#compare(items[above]!, item) <= 0) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  /** Takes the top away. */
  pop(): void {
    const last = this.#items.pop()!;
    if (this.#items.length === 0) return;
    this.#items[0] = last;
    this.settle();
  }

  /** Puts the top where it belongs after it has changed. */
  settle(): void {
    const items = this.#items;
    const item = items[0]!;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#compare(items[below + 1]!, items[below]!) < 0) below += 1;
      if (this.#compare(item, items[below]!) <= 0) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = item;
  }
}
