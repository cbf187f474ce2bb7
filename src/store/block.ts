import { readSync } from "node:fs";
import { KalshiError } from "../errors.js";

/** What a row is put in order by: plain values, as they are also written. */
export type OrderKey = readonly (string | number | boolean | null)[];

/** How rows ascend. Rows whose keys compare equal are versions of one record. */
export interface RowOrder {
  /** Names the order, so that rows kept in one are not taken for rows kept in another. */
  readonly name: string;
  readonly keyOf: (row: unknown) => OrderKey;
  readonly compare: (a: OrderKey, b: OrderKey) => number;
}

/** Rows that came together and stand together in the rows file, ascending when they are kept in an order. */
export interface Block {
  /** Where its rows begin in the file, and how long they are, in bytes. */
  readonly offset: number;
  readonly bytes: number;
  readonly rows: number;
  /** Keys of its first and last row; null when rows are kept as they came. */
  readonly range: readonly [first: OrderKey, last: OrderKey] | null;
}

/** The line that stands before the rows of a block. */
export function blockHeader({ rows, bytes, range }: Omit<Block, "offset">): string {
  return `${JSON.stringify({ rows, bytes, range })}\n`;
}

/**
 * The blocks of a rows file, found by hopping from header to header.
 *
 * @throws KalshiError `CHECKPOINT_DAMAGED` where something else stands than a header, or blocks do not end at `end`
 */
export function readBlocks(rows: RowsFile, end: number): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < end; ) {
    const header = new LineReader(rows, at, end, 512);
    const line = header.next();
    const block = line === null ? null : parseHeader(line, header.position);
    if (block === null || block.offset + block.bytes > end) throw rows.damaged(`has no block of rows at byte ${at}`);
    blocks.push(block);
    at = block.offset + block.bytes;
  }
  return blocks;
}

function parseHeader(line: string, offset: number): Block | null {
  try {
    const found = JSON.parse(line) as Partial<Block>;
    const { rows, bytes, range } = found;
    if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(bytes) || bytes! < 0) return null;
    if (range !== null && !(Array.isArray(range) && range.length === 2)) return null;
    return { offset, rows: rows!, bytes: bytes!, range: range as Block["range"] };
  } catch {
    return null;
  }
}

/** The file that rows are kept in, open. */
export class RowsFile {
  constructor(
    readonly dir: string,
    private readonly fd: number,
  ) {}

  /** Fills `buffer` from `start` on with what stands at `position`; gives the bytes read, 0 at the file's end. */
  read(buffer: Buffer, start: number, length: number, position: number): number {
    return readSync(this.fd, buffer, start, length, position);
  }

  damaged(what: string): KalshiError {
    return damagedCheckpoint(this.dir, `rows.ndjson ${what}`);
  }
}

/** What is said of a folder whose content cannot be trusted. */
export function damagedCheckpoint(dir: string, what: string): KalshiError {
  return new KalshiError("CHECKPOINT_DAMAGED", `cannot resume from ${dir}: ${what}`, {
    hint: "remove that folder to start the download anew",
    context: { dir },
  });
}

/** Frees a buffer's memory at once, where the collection of garbage is in no hurry. The buffer is not to be used again. */
export function freed(buffer: Buffer<ArrayBuffer>): void {
  buffer.buffer.transfer(0);
}

/** Buffers that are used again: thousands of short-lived ones would stay with the process. */
export class BufferPool {
  readonly #free: Buffer<ArrayBuffer>[] = [];

  constructor(readonly size: number) {}

  take(): Buffer<ArrayBuffer> {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  /** Takes a buffer back; one that had to grow is let go. */
  give(buffer: Buffer<ArrayBuffer>): void {
    if (buffer.length === this.size) this.#free.push(buffer);
    else freed(buffer);
  }

  /** Frees the buffers that were given back. */
  release(): void {
    for (const buffer of this.#free.splice(0)) freed(buffer);
  }
}

/** Lines between two places of a file, read piece by piece. */
export class LineReader {
  readonly #file: RowsFile;
  readonly #end: number;
  readonly #pool: BufferPool;
  #buffer: Buffer<ArrayBuffer>;
  /** Where the buffer's content belongs in the file. */
  #base: number;
  #from = 0;
  #to = 0;

  constructor(file: RowsFile, start: number, end: number, piece: number | BufferPool) {
    this.#file = file;
    this.#base = start;
    this.#end = end;
    this.#pool = typeof piece === "number" ? new BufferPool(piece) : piece;
    this.#buffer = this.#pool.take();
  }

  /** Where the next line begins. */
  get position(): number {
    return this.#base + this.#from;
  }

  /** The next line without its end, or null after the last. @throws KalshiError `CHECKPOINT_DAMAGED` when the file ends before it */
  next(): string | null {
    for (let searched = this.#from; ; ) {
      const at = this.#buffer.subarray(0, this.#to).indexOf(10, searched);
      if (at >= 0) {
        const line = this.#buffer.toString("utf8", this.#from, at);
        this.#from = at + 1;
        return line;
      }
      const pending = this.#to - this.#from;
      if (this.position + pending >= this.#end) {
        if (pending === 0) return null;
        throw this.#file.damaged(`has a line without end at byte ${this.position}`);
      }
      this.#fill(pending);
      searched = pending;
    }
  }

  /** Gives the buffer back. The reader is used up. */
  close(): void {
    this.#pool.give(this.#buffer);
    this.#buffer = Buffer.alloc(0);
    this.#from = this.#to = 0;
  }

  /** Reads on behind the `pending` bytes of a line that is not whole yet. */
  #fill(pending: number): void {
    const old = this.#buffer;
    if (pending === old.length) this.#buffer = Buffer.allocUnsafeSlow(old.length * 2);
    old.copy(this.#buffer, 0, this.#from, this.#to);
    if (old !== this.#buffer) this.#pool.give(old);
    this.#base += this.#from;
    this.#from = 0;
    this.#to = pending;
    const at = this.#base + pending;
    const read = this.#file.read(this.#buffer, pending, Math.min(this.#buffer.length - pending, this.#end - at), at);
    if (read === 0) throw this.#file.damaged(`ends at byte ${at} of ${this.#end}`);
    this.#to += read;
  }
}

/** The rows of a block, one by one. */
export class BlockReader {
  readonly #file: RowsFile;
  readonly #lines: LineReader;

  constructor(file: RowsFile, { offset, bytes }: Block, pool: BufferPool) {
    this.#file = file;
    this.#lines = new LineReader(file, offset, offset + bytes, pool);
  }

  /** The next row; undefined, which no JSON is, after the last. @throws KalshiError `CHECKPOINT_DAMAGED` */
  next(): unknown {
    const line = this.#lines.next();
    if (line === null) return undefined;
    try {
      return JSON.parse(line);
    } catch {
      throw this.#file.damaged(`has a line that is no JSON: ${line.slice(0, 60)}`);
    }
  }

  close(): void {
    this.#lines.close();
  }
}
