import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { KalshiError, messageOf, systemCode } from "../errors.js";
import { type Lock, lockFolder } from "../store/lock.js";
import { entryKind, segmentName } from "../store/segment.js";
import { listSegments } from "../store/segment-reader.js";
import { SegmentWriter } from "../store/segment-writer.js";
import type { Timestamp } from "../units/time.js";
import { type ReadLine, readLine } from "./frame-lines.js";
import { Keeper } from "./keeper.js";
import { type ContinueMark, writeMark } from "./marks.js";
import type { RecordOptions } from "./record.js";
import { strandFolder } from "./strands.js";

export interface ImportOptions
  extends Pick<RecordOptions, "dir" | "syncMs" | "maxSegmentBytes" | "compress">,
    Pick<RecordOptions, "signal"> {
  /** Lines of JSON; compressed by gzip where the name ends in `.gz`. */
  readonly path: string;
}

/** What was made of a file of frames. */
export interface ImportSummary {
  readonly frames: number;
  readonly bytes: number;
  readonly connections: number;
  /** Other `ctl` lines, kept as notes. */
  readonly notes: number;
  readonly segments: number;
}

/**
 * Makes a recording of frames that were captured elsewhere, one per line: `{"t": receive time in ns, "f": frame}` with the frame as text or
 * as JSON (the line's own characters are kept), and `{"t", "ctl": "connect", "use_yes_price": false}` for a new connection. Lines of connections
 * that were held at the same time have the connection's number, from 1, as `"c"`; without it they are of the first.
 *
 * All of the file or nothing: the folder must have no recording, and is left without one when a line cannot be read.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE` naming the line, `BAD_ARGUMENT` for a folder with a recording,
 * `FOLDER_LOCKED`, `DISK_FULL`, `WRITE_FAILED`, `INTERRUPTED`
 */
export async function importFrames(options: ImportOptions): Promise<ImportSummary> {
  const { dir } = options;
  const lock = lockFolder(dir);
  try {
    if ((await listSegments(dir)).length > 0) {
      throw new KalshiError("BAD_ARGUMENT", `${dir} has a recording already`, {
        hint: "name a new folder: an import that was run twice would have everything twice",
        context: { dir },
      });
    }
    return await write(options);
  } finally {
    lock.release();
  }
}

async function write(options: ImportOptions): Promise<ImportSummary> {
  const { path, signal } = options;
  const strands = new Map<number, ImportedStrand>();
  const summary = { frames: 0, bytes: 0, connections: 0, notes: 0 };
  let number = 0;
  try {
    // A recording has its first strand, whatever a file's lines are of.
    strands.set(0, await ImportedStrand.open(options, 0));
    for await (const text of linesOf(path)) {
      number += 1;
      if (text.trim() === "") continue;
      const line = readLine(text, { path, line: number });
      if (line.kind !== entryKind.mark) {
        summary.frames += 1;
        summary.bytes += line.body.length;
      } else if (line.connect === null) summary.notes += 1;
      else summary.connections += 1;
      let strand = strands.get(line.strand);
      if (strand === undefined) {
        strand = await ImportedStrand.open(options, line.strand);
        strands.set(line.strand, strand);
      }
      strand.append(line);
      if (signal?.aborted === true) throw interrupted(path);
    }
    for (const strand of strands.values()) await strand.close();
    return { ...summary, segments: [...strands.values()].reduce((sum, { segments }) => sum + segments, 0) };
  } catch (error) {
    // None of it was there before.
    for (const strand of strands.values()) await strand.remove();
    throw error;
  } finally {
    for (const strand of strands.values()) strand.release();
  }
}

/** What came over one of the connections held at the same time, written as a recorder writes it. */
class ImportedStrand {
  readonly #dir: string;
  readonly #place: number;
  readonly #lock: Lock | null;
  readonly #keeper: Keeper;
  #writer!: SegmentWriter;
  /** The connection of the lines that come now, for segments to begin with. */
  #current: ContinueMark | null = null;
  #last: Timestamp = 0;
  #lastClosed = 0;
  #problem: KalshiError | null = null;
  #isEnding = false;

  static async open(options: ImportOptions, place: number): Promise<ImportedStrand> {
    const strand = new ImportedStrand(options, place);
    try {
      await strand.#open(options);
      return strand;
    } catch (error) {
      strand.release();
      throw error;
    }
  }

  private constructor({ dir, compress = true }: ImportOptions, place: number) {
    this.#dir = strandFolder(dir, place);
    this.#place = place;
    // Who reads looks for a lock where the segments are.
    this.#lock = place === 0 ? null : lockFolder(this.#dir);
    this.#keeper = new Keeper({ dir: this.#dir, compress });
  }

  async #open({ syncMs, maxSegmentBytes }: ImportOptions): Promise<void> {
    this.#writer = await SegmentWriter.open({
      dir: this.#dir,
      syncMs,
      maxBytes: maxSegmentBytes,
      // Time passes here as fast as lines are read.
      maxAgeMs: Number.POSITIVE_INFINITY,
      preamble: () => (this.#current === null ? null : { time: this.#last, body: writeMark(this.#current) }),
      onProblem: (found) => {
        this.#problem = found;
      },
      onClosed: (_path, bytes) => {
        this.#lastClosed = bytes;
        if (!this.#isEnding) this.#keeper.pack(this.#writer.number + 1, bytes);
      },
    });
  }

  get segments(): number {
    return this.#writer.segments;
  }

  /** @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  append({ kind, time, nanos, body, connect }: ReadLine): void {
    this.#last = time;
    this.#writer.append(kind, time, nanos, body);
    if (connect !== null) this.#current = { ...connect, mark: "continue" };
    if (this.#problem !== null) throw this.#problem;
  }

  /** @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  async close(): Promise<void> {
    this.#isEnding = true;
    if (this.#writer.close() !== null || this.#problem !== null) throw this.#problem;
    await this.#keeper.close(this.#writer.number + 1, this.#lastClosed);
  }

  async remove(): Promise<void> {
    this.#isEnding = true;
    this.#writer.close();
    await this.#keeper.close(0, 0);
    if (this.#place > 0) await rm(this.#dir, { recursive: true, force: true });
    else for (const one of await listSegments(this.#dir)) await rm(join(this.#dir, segmentName(one)), { force: true });
  }

  release(): void {
    this.#lock?.release();
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const plain: Readable = /\.gz$/i.test(path) ? file.pipe(createGunzip()) : file;
  // A pipe does not hand on what goes wrong before it.
  file.on("error", (error) => plain.destroy(error));
  const lines = createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY });
  let failure: unknown = null;
  plain.on("error", (error) => {
    failure = error;
    lines.close();
  });
  // Told by the stream as well, and also when nobody reads the lines any more.
  lines.on("error", () => {});
  try {
    yield* lines;
  } catch (error) {
    failure ??= error;
  } finally {
    file.destroy();
    plain.destroy();
  }
  if (failure !== null) throw unreadable(path, failure);
}

function unreadable(path: string, error: unknown): KalshiError {
  const isMissing = systemCode(error) === "ENOENT";
  return new KalshiError(isMissing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
    hint: isMissing ? "check the path; relative ones start at the working folder" : "check that the file is whole",
    context: { path },
    cause: error,
  });
}

function interrupted(path: string): KalshiError {
  return new KalshiError("INTERRUPTED", `interrupted while ${path} was read`, {
    hint: "nothing of it was kept; run it again",
    context: { path },
  });
}
