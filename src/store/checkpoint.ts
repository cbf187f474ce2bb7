import { type FileHandle, mkdir, open, readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../errors.js";
import { syncFolder, writeError, writeFileAtomic } from "./atomic-file.js";
import {
  type Block,
  BlockReader,
  BufferPool,
  damagedCheckpoint,
  type RowOrder,
  RowsFile,
  readBlocks,
} from "./block.js";
import { BlockWriter } from "./block-writer.js";
import { LOCK_FILE } from "./lock.js";
import { mergeBlocks } from "./merge.js";

interface Saved<State> {
  readonly version: 2;
  /** Bytes of the rows file that the state stands for; what lies behind was written but not committed. */
  readonly bytes: number;
  readonly rows: number;
  /** Name of the order that blocks of rows are kept in; null when they are kept as they came. */
  readonly order: string | null;
  readonly state: State;
}

/**
 * Rows and the state they stand for, kept together in a folder so that a crash at any instant loses no committed row and repeats none:
 * rows are appended and synced first, then the checkpoint is replaced atomically, and at the next start the rows file is cut to what the
 * checkpoint knows.
 *
 * Rows stand in blocks, one per {@link append}, each behind a line that tells its length and, when rows are kept in an order, the keys
 * between which it lies. So {@link merged} can read them ascending without sorting and without holding more than a piece of each.
 */
export class CheckpointedRows<State> {
  readonly #dir: string;
  readonly #file: FileHandle;
  readonly #order: RowOrder | null;
  readonly #savedOrder: string | null;
  readonly #blocks: Block[];
  #bytes: number;
  #rows: number;
  #pending = new BlockWriter();
  #spare = new BlockWriter();
  #state: State;

  private constructor(dir: string, file: FileHandle, order: RowOrder | null, blocks: Block[], saved: Saved<State>) {
    this.#dir = dir;
    this.#file = file;
    this.#order = order;
    this.#savedOrder = saved.order;
    this.#blocks = blocks;
    this.#bytes = saved.bytes;
    this.#rows = saved.rows;
    this.#state = saved.state;
  }

  /**
   * Opens a folder, going on from its checkpoint, or starting with `fresh` when it has none.
   *
   * @param order - how rows ascend, for {@link merged}; without it they are kept as they came
   * @throws KalshiError `CHECKPOINT_DAMAGED`, `DISK_FULL`, `WRITE_FAILED`
   */
  static async open<State>(
    dir: string,
    fresh: () => State | Promise<State>,
    order: RowOrder | null = null,
  ): Promise<CheckpointedRows<State>> {
    try {
      const found = await readCheckpoint<State>(dir);
      const name = order?.name ?? null;
      // Before the rows file is made: of what cannot be begun no rows and no checkpoint are left.
      const saved = found ?? { version: 2, bytes: 0, rows: 0, order: name, state: await fresh() };
      await mkdir(dir, { recursive: true });
      const file = found === null ? await open(rowsPath(dir), "w+") : await reopen(dir);
      try {
        await cutTo(dir, file, saved.bytes);
        const blocks = readBlocks(new RowsFile(dir, file.fd), saved.bytes);
        if (rowsIn(blocks) !== saved.rows) throw damagedCheckpoint(dir, "rows.ndjson has not the rows it should");
        const rows = new CheckpointedRows(dir, file, order, blocks, saved);
        if (found === null) await rows.commit(saved.state);
        return rows;
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (error) {
      throw writeError(dir, error);
    }
  }

  get state(): State {
    return this.#state;
  }

  /** Committed rows. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Takes rows that came together, as one block, for the next {@link commit}; nothing is durable yet.
   *
   * @throws KalshiError `CHECKPOINT_DAMAGED` when the rows that are there already are kept in another order
   */
  append(rows: readonly unknown[]): void {
    this.#requireOwnOrder();
    this.#pending.add(rows, this.#order);
  }

  /**
   * Makes the rows appended before the call durable, and then the state that stands for them. One commit at a time; rows may be appended
   * while it is under way, for the next.
   *
   * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`; the last committed state then still holds
   */
  async commit(state: State): Promise<void> {
    const batch = this.#pending;
    this.#pending = this.#spare;
    this.#spare = batch;
    try {
      if (batch.bytes > 0) await this.#write(batch);
      const saved: Saved<State> = {
        version: 2,
        bytes: this.#bytes,
        rows: this.#rows,
        order: this.#savedOrder,
        state,
      };
      await writeFileAtomic(checkpointPath(this.#dir), JSON.stringify(saved));
      this.#state = state;
    } catch (error) {
      // Rows that could not be written belong to every later state as well.
      batch.absorb(this.#pending);
      this.#spare = this.#pending;
      this.#pending = batch;
      throw writeError(this.#dir, error);
    }
  }

  async #write(batch: BlockWriter): Promise<void> {
    try {
      let at = this.#bytes;
      for (const piece of batch.pieces) {
        await writeFully(this.#file, piece, at);
        at += piece.length;
      }
      await this.#file.datasync();
    } catch (error) {
      // On a full disk this gives back what the part that did fit has taken.
      await this.#file.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
    for (const block of batch.blocks) this.#blocks.push({ ...block, offset: block.offset + this.#bytes });
    this.#bytes += batch.bytes;
    this.#rows += rowsIn(batch.blocks);
    batch.clear();
  }

  /**
   * Committed rows, in chunks, block by block as they were committed; within a block as they came, or ascending when there is an order.
   *
   * @throws KalshiError `CHECKPOINT_DAMAGED`
   */
  *read(chunk = 2_000): Generator<readonly unknown[]> {
    const pool = new BufferPool(1 << 20);
    let rows: unknown[] = [];
    for (const block of this.#blocks) {
      const reader = new BlockReader(this.#rowsFile, block, pool);
      for (let row = reader.next(); row !== undefined; row = reader.next()) {
        rows.push(row);
        if (rows.length < chunk) continue;
        yield rows;
        rows = [];
      }
      reader.close();
    }
    pool.release();
    if (rows.length > 0) yield rows;
  }

  /**
   * Committed rows ascending, in chunks; of rows that compare equal only the one that came last. Needs an order.
   *
   * @throws KalshiError `CHECKPOINT_DAMAGED`
   */
  merged(chunk = 2_000): Generator<readonly unknown[]> {
    if (this.#order === null) throw new TypeError("rows that are kept as they came cannot be merged");
    this.#requireOwnOrder();
    // Whoever reads has nothing to append for now, and thousands of pages need the memory.
    for (const writer of [this.#pending, this.#spare]) writer.release();
    return mergeBlocks(this.#rowsFile, this.#blocks, this.#order, chunk);
  }

  #requireOwnOrder(): void {
    if (this.#savedOrder === (this.#order?.name ?? null)) return;
    throw damagedCheckpoint(this.#dir, "its rows are kept in another order");
  }

  get #rowsFile(): RowsFile {
    return new RowsFile(this.#dir, this.#file.fd);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /**
   * Closes and removes everything: the rows have found their final place. The checkpoint goes first, for good, so that whoever comes after
   * a crash in the middle of it begins anew; the lock goes last, so that nobody begins before.
   *
   * @throws KalshiError `WRITE_FAILED`
   */
  async discard(): Promise<void> {
    await this.close();
    try {
      await rm(checkpointPath(this.#dir), { force: true });
      await syncFolder(this.#dir);
      for (const name of await readdir(this.#dir))
        if (name !== LOCK_FILE) await rm(join(this.#dir, name), { recursive: true, force: true });
      await rm(join(this.#dir, LOCK_FILE), { force: true });
      await removeEmpty(this.#dir);
    } catch (error) {
      if (!isMissing(error)) throw writeError(this.#dir, error);
    }
  }
}

function rowsIn(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { rows }) => sum + rows, 0);
}

/** Whether a file could not be read because it is not there; nor is anything below a path that is no folder. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Once its lock is gone another process may have begun in it. */
async function removeEmpty(dir: string): Promise<void> {
  try {
    await rmdir(dir);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

async function readCheckpoint<State>(dir: string): Promise<Saved<State> | null> {
  let text: string;
  try {
    text = await readFile(checkpointPath(dir), "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const saved = JSON.parse(text) as Saved<State>;
    if (saved.version === 2 && Number.isSafeInteger(saved.bytes) && Number.isSafeInteger(saved.rows)) return saved;
  } catch {
    // Falls through: not JSON is as damaged as JSON of another shape.
  }
  throw damagedCheckpoint(dir, "checkpoint.json is not a checkpoint of this library");
}

async function reopen(dir: string): Promise<FileHandle> {
  try {
    return await open(rowsPath(dir), "r+");
  } catch (error) {
    if (isMissing(error)) throw damagedCheckpoint(dir, "rows.ndjson is gone");
    throw error;
  }
}

async function cutTo(dir: string, file: FileHandle, bytes: number): Promise<void> {
  const { size } = await stat(rowsPath(dir));
  if (size < bytes) throw damagedCheckpoint(dir, `rows.ndjson has ${size} bytes where the checkpoint knows ${bytes}`);
  if (size > bytes) await file.truncate(bytes);
}

async function writeFully(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}

function rowsPath(dir: string): string {
  return join(dir, "rows.ndjson");
}

function checkpointPath(dir: string): string {
  return join(dir, "checkpoint.json");
}
