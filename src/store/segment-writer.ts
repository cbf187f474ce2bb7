import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { KalshiError } from "../errors.js";
import type { Timestamp } from "../units/time.js";
import { writeError } from "./atomic-file.js";
import { Held, type Hole } from "./hole.js";
import { OpenSegment, type Preamble } from "./open-segment.js";
import { Batch, ENTRY_HEAD, segmentName } from "./segment.js";
import { type CutTail, type DamagedTail, listSegments, settleTail } from "./segment-reader.js";

export interface SegmentOptions {
  readonly dir: string;
  /** A segment is closed beyond this size. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** A segment is closed after this long. Default one hour. */
  readonly maxAgeMs?: number | undefined;
  /** How often written bytes are forced to the disk: what a power cut can take. Default 1 s; 0 after every write. */
  readonly syncMs?: number | undefined;
  /** How much is held in memory while nothing can be written; what comes beyond is lost and told as a {@link Hole}. Default 16 MiB. */
  readonly maxPendingBytes?: number | undefined;
  /** How long to wait before writing is tried again. Default 250 ms. */
  readonly retryMs?: number | undefined;
  /** The notes that a new segment starts with, so that it can be read by itself. */
  readonly preamble?: (() => Preamble | null) | undefined;
  /** Writing has begun to fail. Told at once, and once per failure. */
  readonly onProblem?: ((problem: KalshiError) => void) | undefined;
  /** Writing works again; `hole` is what was lost meanwhile, or null. */
  readonly onRecovery?: ((hole: Hole | null) => void) | undefined;
  /** A segment is finished and will not grow again: here it can be compressed and indexed. */
  readonly onClosed?: ((path: string, bytes: number) => void) | undefined;
}

/** The longest that a timer of Node's can be. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A batch goes to disk when it has this much, also within a turn of the event loop. */
const BATCH_BYTES = 1024 * 1024;

/** Appends to the segments of one folder. Entries are on their way to the disk at the end of the event loop's turn. */
export class SegmentWriter {
  /** Segments begun by this writer. */
  segments = 0;
  /** Entries and bytes written so far; what a status tells is kept, also when the process is killed. */
  written = 0;
  writtenFrames = 0;
  writtenBytes = 0;
  /** What was cut off at the start, left by a crash. */
  readonly repaired: CutTail | null;
  /** What was found at the start at the last segment's end and is no crash's: left as it is. */
  readonly damaged: DamagedTail | null;
  readonly #options: SegmentOptions;
  readonly #batch = new Batch();
  #batchHeld = new Held();
  /** Batches that could not be written yet, oldest first. */
  #waiting: { readonly bytes: Buffer; readonly entries: number; readonly held: Held }[] = [];
  #waitingBytes = 0;
  #file: OpenSegment | null = null;
  /** When a segment may be begun again, after one could not be. */
  #rotateFrom = 0;
  #number: number;
  #problem: KalshiError | null = null;
  #lost: Held | null = null;
  #lostBy = "WRITE_FAILED";
  #scheduled: NodeJS.Immediate | null = null;
  #retry: NodeJS.Timeout | null = null;
  #sync: NodeJS.Timeout | null = null;
  #age: NodeJS.Timeout | null = null;
  #closed = false;

  /** @throws KalshiError `DISK_FULL`, `WRITE_FAILED`, `FILE_UNREADABLE`, `FILE_FORMAT` */
  static async open(options: SegmentOptions): Promise<SegmentWriter> {
    try {
      mkdirSync(options.dir, { recursive: true });
    } catch (error) {
      throw writeError(options.dir, error);
    }
    const tail = await settleTail(options.dir);
    const last = (await listSegments(options.dir)).at(-1) ?? 0;
    return new SegmentWriter(options, last, tail);
  }

  private constructor(options: SegmentOptions, last: number, tail: CutTail | DamagedTail | null) {
    this.#options = options;
    this.#number = last;
    this.repaired = tail !== null && "frames" in tail ? tail : null;
    this.damaged = this.repaired === null ? tail : null;
    try {
      this.#begin();
    } catch (error) {
      throw writeError(options.dir, error);
    }
    const { syncMs = 1_000 } = options;
    if (syncMs > 0) this.#sync = setInterval(() => this.#syncSoon(), Math.min(syncMs, LONGEST_TIMER_MS));
  }

  /** Number of the segment that is written into. */
  get number(): number {
    return this.#number;
  }

  /** Why nothing can be written at the moment, or null. */
  get problem(): KalshiError | null {
    return this.#problem;
  }

  /** Entries taken so far, written or not; what was lost is not among them. */
  get taken(): number {
    return this.#waiting.reduce((sum, { entries }) => sum + entries, this.written + this.#batch.entries);
  }

  /** What was taken and is not written yet: at most `maxPendingBytes` while nothing can be written, and hardly anything else. */
  get waitingBytes(): number {
    return this.#waitingBytes + (this.#batch.entries === 0 ? 0 : this.#batch.length);
  }

  /** Takes an entry. The body is copied. */
  append(kind: number, time: Timestamp, nanos: number, body: Buffer): void {
    if (this.#closed) return;
    if (this.#problem !== null && this.#isFull(body.length)) {
      this.#losing().add(kind, time, body.length);
      return;
    }
    this.#batch.add(kind, time, nanos, body);
    this.#batchHeld.add(kind, time, body.length);
    if (this.#batch.length >= BATCH_BYTES) this.flush();
    else this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Writes what was taken so far. A failure is told to `onProblem`, and tried again. */
  flush(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    if (this.#problem !== null) {
      if (this.#batch.length >= BATCH_BYTES) this.#putAside();
      return;
    }
    this.#write();
  }

  /**
   * Writes and syncs everything, and ends. What cannot be written now is lost; it is given back. What was lost before is told to
   * `onRecovery` when there is room again, and what that notes is still written.
   */
  close(): Hole | null {
    if (this.#closed) return null;
    const works = this.#problem === null || this.#again();
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#sync !== null) clearInterval(this.#sync);
    if (this.#age !== null) clearTimeout(this.#age);
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    if (works) this.#tryAll();
    for (const { held } of this.#waiting) this.#losing().addAll(held);
    this.#finish();
    return this.#hole;
  }

  #isFull(more: number): boolean {
    const { maxPendingBytes = 16 * 1024 * 1024 } = this.#options;
    // Once something was lost, everything is, until there is a place to say so: a recording has no second hole inside a hole.
    return this.#lost !== null || this.#waitingBytes + this.#batch.length + more + ENTRY_HEAD > maxPendingBytes;
  }

  #losing(): Held {
    if (this.#lost === null) this.#lostBy = this.#problem?.code ?? "WRITE_FAILED";
    this.#lost ??= new Held();
    return this.#lost;
  }

  get #hole(): Hole | null {
    return this.#lost?.hole(this.#lostBy) ?? null;
  }

  #putAside(): void {
    if (this.#batch.entries === 0) return;
    const bytes = Buffer.from(this.#batch.seal());
    this.#waiting.push({ bytes, entries: this.#batch.entries, held: this.#batchHeld });
    this.#waitingBytes += bytes.length;
    this.#clear();
  }

  #clear(): void {
    this.#batch.clear();
    this.#batchHeld = new Held();
  }

  #write(): void {
    if (this.#batch.entries === 0) return;
    try {
      this.#tryRotate();
      this.#put(this.#batch.seal(), this.#batch.entries, this.#batchHeld.frames);
      this.#clear();
    } catch (error) {
      this.#fail(error);
    }
  }

  #put(bytes: Buffer, entries: number, frames: number): void {
    // A batch that cannot be synced is not counted; it is cut off and written again.
    this.#file!.put(bytes, this.#options.syncMs === 0);
    this.writtenBytes += bytes.length;
    this.written += entries;
    this.writtenFrames += frames;
  }

  #fail(error: unknown): void {
    const problem = writeError(this.#file?.path ?? this.#options.dir, error);
    this.#file?.cut();
    const isNew = this.#problem === null || this.#problem.code !== problem.code;
    this.#problem = problem;
    if (isNew) this.#options.onProblem?.(problem);
    if (!this.#closed) this.#retry ??= setTimeout(() => this.#again(), this.#options.retryMs ?? 250);
  }

  /** Tries to write what waits, and tells when it is written. */
  #again(): boolean {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (!this.#tryAll()) return false;
    const hole = this.#hole;
    this.#lost = null;
    this.#options.onRecovery?.(hole);
    return true;
  }

  /** Writes what waited and what was collected since. Does not tell. */
  #tryAll(): boolean {
    this.#putAside();
    try {
      // A file that failed for another reason than space may go on failing.
      if (this.#file === null || (this.#problem !== null && this.#problem.code !== "DISK_FULL")) this.#begin();
      while (this.#waiting.length > 0) {
        const { bytes, entries, held } = this.#waiting[0]!;
        this.#put(bytes, entries, held.frames);
        this.#waiting.shift();
        this.#waitingBytes -= bytes.length;
      }
      this.#problem = null;
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #rotateWhenDue(): void {
    const { maxBytes = 64 * 1024 * 1024, maxAgeMs = 3_600_000 } = this.#options;
    const file = this.#file!;
    if (file.isEmpty) return;
    if (file.length < maxBytes && performance.now() - file.openedAt < maxAgeMs) return;
    this.#begin();
  }

  /** Closes a segment that is old enough also when nothing more comes. */
  #rotateLater(): void {
    if (this.#age !== null) clearTimeout(this.#age);
    if (this.#closed) return;
    const { maxAgeMs = 3_600_000 } = this.#options;
    const left = (this.#file?.openedAt ?? 0) + maxAgeMs - performance.now();
    this.#age = setTimeout(
      () => {
        this.#age = null;
        if (left <= LONGEST_TIMER_MS && this.#problem === null) this.#tryRotate();
        // Also when it came a little early, or no other could be begun.
        this.#rotateLater();
      },
      Math.max(1, Math.min(left > 0 ? left : Math.max(1_000, maxAgeMs), LONGEST_TIMER_MS)),
    );
  }

  /** Where no segment can be begun, the one before goes on for a while: its frames are worth more than its size. */
  #tryRotate(): void {
    if (performance.now() < this.#rotateFrom) return;
    try {
      this.#rotateWhenDue();
    } catch {
      // If nothing can be written at all, the next write tells.
      this.#rotateFrom = performance.now() + (this.#options.retryMs ?? 250);
    }
  }

  /** Begins a segment; the one before is finished once this one is there. */
  #begin(): void {
    const path = join(this.#options.dir, segmentName(this.#number + 1));
    const file = OpenSegment.begin(path, this.#options.preamble?.() ?? null);
    this.#finish();
    this.#file = file;
    this.#number += 1;
    this.segments += 1;
    this.writtenBytes += file.length;
    this.#rotateLater();
    file.syncName();
  }

  #finish(): void {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    file.finish((error) => this.#options.onProblem?.(writeError(file.path, error)));
    this.#options.onClosed?.(file.path, file.length);
  }

  #syncSoon(): void {
    const file = this.#file;
    file?.syncSoon((error) => this.#options.onProblem?.(writeError(file.path, error)));
  }
}
