import { existsSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { KalshiError } from "../errors.js";
import { lockFolder } from "../store/lock.js";
import { entryKind } from "../store/segment.js";
import { listSegments } from "../store/segment-reader.js";
import { linesOf } from "./file-lines.js";
import { readLine } from "./frame-lines.js";
import { ImportedStrand } from "./imported-strand.js";
import { type Backwards, LineTimes } from "./line-times.js";
import type { RecordOptions } from "./record-options.js";

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
  /** Lines that are earlier than the one before them, kept as they are; null where there is none. */
  readonly backwards: Backwards | null;
}

/**
 * Makes a recording of frames that were captured elsewhere, one per line: `{"t": receive time in ns, "f": frame}` with the frame as text or
 * as JSON (the line's own characters are kept), and `{"t", "ctl": "connect", "use_yes_price": false}` for a new connection. Lines of connections
 * that were held at the same time have the connection's number, from 1, as `"c"`; without it they are of the first.
 *
 * All of the file or nothing: the folder must have no recording, and is left as it was when a line cannot be read, or when there is none.
 *
 * Before the first such line NO levels are in NO prices. Where a subscription's number begins again another connection has begun, also where no
 * line says so.
 *
 * Times in plainly another unit are refused. Those that run backwards are kept in the order of the lines, as a recorder keeps them whose clock
 * is set back, and counted.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT` for a file without a line, `BAD_LINE` naming the line,
 * `BAD_ARGUMENT` for a folder with a recording, `FOLDER_LOCKED`, `DISK_FULL`, `WRITE_FAILED`, `INTERRUPTED`
 */
export async function importFrames(options: ImportOptions): Promise<ImportSummary> {
  const { dir } = options;
  const made = missingFolders(dir);
  const lock = lockFolder(dir);
  let isMade = false;
  try {
    if ((await listSegments(dir)).length > 0) {
      throw new KalshiError("BAD_ARGUMENT", `${dir} has a recording already`, {
        hint: "name a new folder: an import that was run twice would have everything twice",
        context: { dir },
      });
    }
    const summary = await write(options);
    isMade = true;
    return summary;
  } finally {
    lock.release();
    if (!isMade) removeEmpty(made);
  }
}

/** A folder and those it is in, as far as they are not there yet; the innermost first. */
function missingFolders(dir: string): readonly string[] {
  const missing: string[] = [];
  for (let at = resolve(dir); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  return missing;
}

/** Leaves those that have something in them, which is somebody else's. */
function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

async function write(options: ImportOptions): Promise<ImportSummary> {
  const { path, signal } = options;
  const strands = new Map<number, ImportedStrand>();
  const summary = { frames: 0, bytes: 0, connections: 0, notes: 0 };
  const times = new LineTimes();
  let number = 0;
  try {
    // A recording has its first strand, whatever a file's lines are of.
    strands.set(0, await ImportedStrand.open(options, 0));
    for await (const text of linesOf(path)) {
      number += 1;
      if (text.trim() === "") continue;
      const where = { path, line: number };
      const line = readLine(text, where);
      times.take(line, where);
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
      if (strand.beginsAgain(line)) {
        strand.connect(line);
        summary.connections += 1;
      }
      strand.append(line);
      if (signal?.aborted === true) throw interrupted(path);
    }
    if (summary.frames + summary.connections + summary.notes === 0) throw nothingIn(path);
    for (const strand of strands.values()) await strand.close();
    const segments = [...strands.values()].reduce((sum, strand) => sum + strand.segments, 0);
    return { ...summary, segments, backwards: times.backwards };
  } catch (error) {
    // None of it was there before.
    for (const strand of strands.values()) await strand.remove();
    throw error;
  } finally {
    for (const strand of strands.values()) strand.release();
  }
}

function interrupted(path: string): KalshiError {
  return new KalshiError("INTERRUPTED", `interrupted while ${path} was read`, {
    hint: "nothing of it was kept; run it again",
    context: { path },
  });
}

function nothingIn(path: string): KalshiError {
  return new KalshiError("FILE_FORMAT", `${path} has no line`, {
    hint: 'a frame is a line, {"t": receive time in ns, "f": frame}; check what was captured',
    context: { path },
  });
}
