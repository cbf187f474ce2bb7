import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Timestamp } from "../units/time.js";
import { writeError } from "./atomic-file.js";
import { Batch, entryKind, MAGIC } from "./segment.js";

/** The notes that a segment starts with. */
export interface Preamble {
  readonly time: Timestamp;
  readonly body: Buffer;
}

/** One raw segment, open to be written. What the system says when it cannot be is thrown as it is. */
export class OpenSegment {
  readonly path: string;
  /** When it was begun, as `performance.now()` has it. */
  readonly openedAt = performance.now();
  readonly #fd: number;
  readonly #startLength: number;
  #length: number;
  #isDirty = true;
  #isOpen = true;

  static begin(path: string, preamble: Preamble | null): OpenSegment {
    const fd = openSync(path, "w");
    const first = new Batch();
    if (preamble !== null) first.add(entryKind.mark, preamble.time, 0, preamble.body);
    const bytes = preamble === null ? MAGIC : Buffer.concat([MAGIC, first.seal()]);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, done);
    } catch (error) {
      const isFile = fstatSync(fd).isFile();
      closeSync(fd);
      // A stub behind a segment that goes on growing would tell readers that the latter is finished.
      if (isFile) rmSync(path, { force: true });
      throw error;
    }
    return new OpenSegment(path, fd, bytes.length);
  }

  private constructor(path: string, fd: number, length: number) {
    this.path = path;
    this.#fd = fd;
    this.#startLength = length;
    this.#length = length;
  }

  /** Bytes up to the last whole batch. */
  get length(): number {
    return this.#length;
  }

  /** Nothing came behind its start. */
  get isEmpty(): boolean {
    return this.#length === this.#startLength;
  }

  /** Makes its name durable. */
  syncName(): void {
    syncFolder(dirname(this.path));
  }

  /** Writes a batch behind the last whole one; one that `isSynced` says has to be durable, and cannot be, does not count. */
  put(bytes: Buffer, isSynced: boolean): void {
    let done = 0;
    while (done < bytes.length) {
      const count = writeSync(this.#fd, bytes, done, bytes.length - done, this.#length + done);
      if (count === 0) throw writeError(this.path, new Error("nothing was written"));
      done += count;
    }
    if (isSynced) fdatasyncSync(this.#fd);
    this.#length += bytes.length;
    this.#isDirty = true;
  }

  /** Takes away what a failed write left behind the last whole batch. */
  cut(): void {
    try {
      ftruncateSync(this.#fd, this.#length);
    } catch {
      // The next batch is written over it, and a reader stops before it.
    }
  }

  /** Forces what was written to the disk, without waiting for it. */
  syncSoon(failed: (error: Error) => void): void {
    if (!this.#isDirty || !this.#isOpen) return;
    this.#isDirty = false;
    fdatasync(this.#fd, (error) => {
      // EBADF: it was finished, and so synced, meanwhile.
      if (error === null || error.code === "EBADF") return;
      this.#isDirty = true;
      failed(error);
    });
  }

  /** Syncs and closes it; where it cannot be synced, that is told. */
  finish(failed: (error: unknown) => void): void {
    this.cut();
    try {
      fdatasyncSync(this.#fd);
    } catch (error) {
      failed(error);
    }
    this.#isOpen = false;
    closeSync(this.#fd);
  }
}

function syncFolder(dir: string): void {
  try {
    const fd = openSync(dir, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Some systems cannot sync a folder; then a power cut may take the newest file's name.
  }
}
