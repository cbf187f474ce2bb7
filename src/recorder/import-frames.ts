import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { KalshiError, messageOf, systemCode } from "../errors.js";
import { lockFolder } from "../store/lock.js";
import { entryKind, segmentName } from "../store/segment.js";
import { listSegments } from "../store/segment-reader.js";
import { SegmentWriter } from "../store/segment-writer.js";
import { readLine } from "./frame-lines.js";
import { Keeper } from "./keeper.js";
import { type ContinueMark, writeMark } from "./marks.js";
import type { RecordOptions } from "./record.js";

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
 * as JSON (the line's own characters are kept), and `{"t", "ctl": "connect", "use_yes_price": false}` for a new connection.
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
  const { dir, path, signal, compress = true } = options;
  let current: ContinueMark | null = null;
  let last = 0;
  let problem: KalshiError | null = null;
  const keeper = new Keeper({ dir, compress });
  let lastClosed = 0;
  let isEnding = false;
  const writer: SegmentWriter = await SegmentWriter.open({
    dir,
    syncMs: options.syncMs,
    maxBytes: options.maxSegmentBytes,
    // Time passes here as fast as lines are read.
    maxAgeMs: Number.POSITIVE_INFINITY,
    preamble: () => (current === null ? null : { time: last, body: writeMark(current) }),
    onProblem: (found) => {
      problem = found;
    },
    onClosed: (_path, bytes) => {
      lastClosed = bytes;
      if (!isEnding) keeper.pack(writer.number + 1, bytes);
    },
  });
  const summary = { frames: 0, bytes: 0, connections: 0, notes: 0 };
  let number = 0;
  try {
    for await (const line of linesOf(path)) {
      number += 1;
      if (line.trim() === "") continue;
      const { kind, time, nanos, body, connect } = readLine(line, { path, line: number });
      last = time;
      if (kind !== entryKind.mark) {
        summary.frames += 1;
        summary.bytes += body.length;
      } else if (connect === null) summary.notes += 1;
      else summary.connections += 1;
      writer.append(kind, time, nanos, body);
      if (connect !== null) current = { ...connect, mark: "continue" };
      if (problem !== null) throw problem;
      if (signal?.aborted === true) throw interrupted(path);
    }
    isEnding = true;
    if (writer.close() !== null || problem !== null) throw problem;
    await keeper.close(writer.number + 1, lastClosed);
    return { ...summary, segments: writer.segments };
  } catch (error) {
    isEnding = true;
    writer.close();
    await keeper.close(0, 0);
    // None of it was there before.
    for (const segment of await listSegments(dir)) await rm(join(dir, segmentName(segment)), { force: true });
    throw error;
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
