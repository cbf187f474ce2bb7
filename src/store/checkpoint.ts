import { type FileHandle, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { KalshiError, systemCode } from "../errors.js";
import { writeError, writeFileAtomic } from "./atomic-file.js";

interface Saved<State> {
  readonly version: 1;
  /** Bytes of the rows file that the state stands for; what lies behind was written but not committed. */
  readonly bytes: number;
  readonly rows: number;
  readonly state: State;
}

/**
 * Rows and the state they stand for, kept together in a folder so that a crash at any instant loses no committed row and repeats none:
 * rows are appended and synced first, then the checkpoint is replaced atomically, and at the next start the rows file is cut to what the
 * checkpoint knows.
 */
export class CheckpointedRows<State> {
  readonly #dir: string;
  readonly #file: FileHandle;
  #bytes: number;
  #rows: number;
  #pending: string[] = [];
  #state: State;

  private constructor(dir: string, file: FileHandle, bytes: number, rows: number, state: State) {
    this.#dir = dir;
    this.#file = file;
    this.#bytes = bytes;
    this.#rows = rows;
    this.#state = state;
  }

  /**
   * Opens a folder, going on from its checkpoint, or starting with `fresh` when it has none.
   *
   * @throws KalshiError `CHECKPOINT_DAMAGED`, `DISK_FULL`, `WRITE_FAILED`
   */
  static async open<State>(dir: string, fresh: () => State | Promise<State>): Promise<CheckpointedRows<State>> {
    try {
      const saved = await readCheckpoint<State>(dir);
      // Before the folder is made: what cannot be begun leaves nothing behind.
      const state = saved?.state ?? (await fresh());
      await mkdir(dir, { recursive: true });
      const bytes = saved?.bytes ?? 0;
      const file = saved === null ? await open(rowsPath(dir), "w+") : await reopen(dir);
      try {
        await cutTo(dir, file, bytes);
        const rows = new CheckpointedRows(dir, file, bytes, saved?.rows ?? 0, state);
        if (saved === null) await rows.commit(state);
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

  /** Takes rows for the next {@link commit}; nothing is durable yet. */
  append(rows: readonly unknown[]): void {
    for (const row of rows) this.#pending.push(JSON.stringify(row));
  }

  /**
   * Makes the appended rows durable, and then the state that stands for them.
   *
   * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`; the last committed state then still holds
   */
  async commit(state: State): Promise<void> {
    try {
      const count = this.#pending.length;
      if (count > 0) {
        const data = Buffer.from(`${this.#pending.join("\n")}\n`, "utf8");
        await this.#write(data);
        // Only now: rows that could not be written belong to every later state as well.
        this.#pending = [];
        this.#bytes += data.length;
        this.#rows += count;
      }
      const saved: Saved<State> = { version: 1, bytes: this.#bytes, rows: this.#rows, state };
      await writeFileAtomic(checkpointPath(this.#dir), JSON.stringify(saved));
      this.#state = state;
    } catch (error) {
      throw writeError(this.#dir, error);
    }
  }

  async #write(data: Buffer): Promise<void> {
    try {
      await writeFully(this.#file, data, this.#bytes);
      await this.#file.datasync();
    } catch (error) {
      // On a full disk this gives back what the part that did fit has taken.
      await this.#file.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Committed rows as they were given, in chunks, in the order of their commits.
   *
   * @throws KalshiError `CHECKPOINT_DAMAGED`
   */
  async *read(chunk = 2_000): AsyncGenerator<readonly unknown[]> {
    let rows: unknown[] = [];
    let rest: Buffer = Buffer.alloc(0);
    const buffer = Buffer.alloc(1 << 20);
    for (let at = 0; at < this.#bytes; ) {
      const { bytesRead } = await this.#file.read(buffer, 0, Math.min(buffer.length, this.#bytes - at), at);
      if (bytesRead === 0) throw damaged(this.#dir, `rows.ndjson ends at byte ${at} of ${this.#bytes}`);
      at += bytesRead;
      const data =
        rest.length === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = data.lastIndexOf(10) + 1;
      for (const line of data.toString("utf8", 0, end).split("\n")) {
        if (line === "") continue;
        rows.push(this.#parse(line));
        if (rows.length >= chunk) {
          yield rows;
          rows = [];
        }
      }
      rest = Buffer.from(data.subarray(end));
    }
    if (rows.length > 0) yield rows;
  }

  /** @throws KalshiError `CHECKPOINT_DAMAGED` */
  #parse(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      throw damaged(this.#dir, `rows.ndjson has a line that is no JSON: ${line.slice(0, 60)}`);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Closes and removes everything: the rows have found their final place. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Whether a file could not be read because it is not there; nor is anything below a path that is no folder. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The state saved in a folder, or null when there is none. @throws KalshiError `CHECKPOINT_DAMAGED` */
export async function savedState<State>(dir: string): Promise<State | null> {
  return (await readCheckpoint<State>(dir))?.state ?? null;
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
    if (saved.version === 1 && Number.isSafeInteger(saved.bytes) && Number.isSafeInteger(saved.rows)) return saved;
  } catch {
    // Falls through: not JSON is as damaged as JSON of another shape.
  }
  throw damaged(dir, "checkpoint.json is not a checkpoint of this library");
}

async function reopen(dir: string): Promise<FileHandle> {
  try {
    return await open(rowsPath(dir), "r+");
  } catch (error) {
    if (isMissing(error)) throw damaged(dir, "rows.ndjson is gone");
    throw error;
  }
}

async function cutTo(dir: string, file: FileHandle, bytes: number): Promise<void> {
  const { size } = await stat(rowsPath(dir));
  if (size < bytes) throw damaged(dir, `rows.ndjson has ${size} bytes where the checkpoint knows ${bytes}`);
  if (size > bytes) await file.truncate(bytes);
}

async function writeFully(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}

function damaged(dir: string, what: string): KalshiError {
  return new KalshiError("CHECKPOINT_DAMAGED", `cannot resume from ${dir}: ${what}`, {
    hint: "remove that folder to start the download anew",
    context: { dir },
  });
}

function rowsPath(dir: string): string {
  return join(dir, "rows.ndjson");
}

function checkpointPath(dir: string): string {
  return join(dir, "checkpoint.json");
}
