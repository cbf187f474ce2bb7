import { type FileHandle, open, readdir, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import { KalshiError, messageOf, systemCode } from "../errors.js";
import type { Entries } from "./packed-entries.js";
import { PACKED_MAGIC, readPacked } from "./packed-segment.js";
import { RawEntries } from "./raw-entries.js";
import { readRaw, readRawChunks, type SegmentEnd } from "./raw-segment.js";
import { BATCH_HEAD, entriesOf, entryKind, MAGIC, segmentName, segmentNumber } from "./segment.js";
import { type SegmentFile, unreadable } from "./segment-file.js";

/** Some entries, or a place where a finished segment is damaged and could not be read. */
export type SegmentPart =
  | { readonly type: "entries"; readonly segment: number; readonly entries: Entries }
  | { readonly type: "damaged"; readonly segment: number; readonly offset: number; readonly bytes: number };

/** Numbers of the segments in a folder, ascending. @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE` */
export async function listSegments(dir: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    const missing = systemCode(error) === "ENOENT";
    throw new KalshiError(
      missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
      `cannot read the recording ${dir}: ${messageOf(error)}`,
      {
        hint: "give the folder that the recorder wrote into",
        context: { dir },
        cause: error,
      },
    );
  }
  const numbers = names.map(segmentNumber).filter((number) => number !== null);
  return numbers.sort((a, b) => a - b);
}

/**
 * Reads every entry of a recording in order, piece by piece, also while it is being written: then up to the last whole batch. Raw and packed
 * segments read alike, also when one is packed meanwhile.
 *
 * An unfinished batch at the end of the last segment is what a crash leaves and is passed over; anywhere else it is told as damage.
 *
 * @param after the segments up to this number are left out
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function* readSegments(dir: string, after = 0): AsyncGenerator<SegmentPart> {
  let last = after;
  for (;;) {
    const numbers = (await listSegments(dir)).filter((number) => number > last);
    if (numbers.length === 0) return;
    for (const [index, number] of numbers.entries()) {
      let place = yield* readSegment(dir, number);
      last = number;
      const wasLast = index === numbers.length - 1;
      if (place.tail === "whole" && !wasLast) continue;
      // The end of the last one: the writer is at work on it, or died; unless it has written on and opened the next one meanwhile.
      if (wasLast && place.tail !== "damaged" && (await listSegments(dir)).at(-1) === number) return;
      place = yield* readSegment(dir, number, place);
      if (place.tail === "whole") continue;
      yield { type: "damaged", segment: number, offset: place.offset, bytes: place.size - place.offset };
    }
  }
}

/**
 * Cuts an unfinished batch off the last segment, as a crash leaves it; an empty segment is removed. Gives what was cut, or null: the
 * frames that can be told in it, and the time of the last entry before.
 *
 * @throws KalshiError `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function repairTail(dir: string): Promise<CutTail | null> {
  const tail = await settleTail(dir);
  return tail !== null && "frames" in tail ? tail : null;
}

/** The same; a last segment that ends in what no crash leaves is left as it is, and that is told. */
export async function settleTail(dir: string): Promise<CutTail | DamagedTail | null> {
  const number = (await listSegments(dir)).at(-1);
  if (number === undefined) return null;
  const path = join(dir, segmentName(number));
  const end = await walkRaw(path);
  if (end === null) return null;
  const { offset, size, tail, lastAt } = end;
  // It may yet be of use to someone.
  if (tail === "damaged") return { segment: number, bytes: size - offset, lastAt };
  if (tail === "whole") {
    if (offset <= MAGIC.length) await unlink(path);
    return null;
  }
  const frames = offset < MAGIC.length ? 0 : await framesIn(path, offset, size);
  if (offset <= MAGIC.length) await unlink(path);
  else await truncate(path, offset);
  return { segment: number, bytes: size - offset, frames, lastAt };
}

/** Where a raw segment ends, by its check sums alone; null for a packed one. */
async function walkRaw(path: string): Promise<(SegmentEnd & { readonly lastAt: number | null }) | null> {
  const file = await openSegment(path);
  try {
    const format = await segmentFormat(file, path);
    if (format === "packed") return null;
    if (format === null) {
      const { size } = await file.stat();
      return { offset: 0, size, tail: size === 0 ? "whole" : "torn", lastAt: null };
    }
    const batches = readRaw(file, 0);
    let last: Buffer | null = null;
    let step = await batches.next();
    for (; step.done !== true; step = await batches.next()) last = step.value.payload;
    return { ...step.value, lastAt: last === null ? null : (entriesOf(last).at(-1)?.time ?? null) };
  } finally {
    await file.close();
  }
}

/** What stands at a segment's end and cannot be read: no crash leaves it so, and nothing was cut. */
export interface DamagedTail {
  readonly segment: number;
  readonly bytes: number;
  /** Receive time of the last whole entry before it in the segment, or null. */
  readonly lastAt: number | null;
}

/** What was cut off a segment's end. */
export interface CutTail extends DamagedTail {
  /** Frames that had been begun in it, as far as its bytes can be read. */
  readonly frames: number;
}

/** Whether a segment is packed; null when it is too short to tell. @throws KalshiError `FILE_UNREADABLE`, `FILE_FORMAT` */
export async function segmentFormat(file: SegmentFile, path: string): Promise<"raw" | "packed" | null> {
  const magic = Buffer.alloc(MAGIC.length);
  const { bytesRead } = await file.read(magic, 0, magic.length, 0);
  if (bytesRead < magic.length) return null;
  if (magic.equals(MAGIC)) return "raw";
  if (magic.equals(PACKED_MAGIC)) return "packed";
  throw new KalshiError("FILE_FORMAT", `${path} is no segment of a recording`, {
    hint: "the file was made by something else or its start is damaged; move it out of the folder to read the rest",
    context: { path },
  });
}

/** @throws KalshiError `FILE_UNREADABLE` */
export async function openSegment(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Where a reading has come to. */
interface Place extends SegmentEnd {
  /** Entries given so far: in a packed segment no offset of the raw one holds. */
  readonly entries: number;
}

/** Reads one segment, on from a place; returns where it ended. */
async function* readSegment(dir: string, segment: number, from?: Place): AsyncGenerator<SegmentPart, Place> {
  const path = join(dir, segmentName(segment));
  const file = await openSegment(path);
  try {
    const format = await segmentFormat(file, path);
    if (format === null) {
      const { size } = await file.stat();
      return { offset: 0, size, tail: size === 0 ? "whole" : "torn", entries: 0 };
    }
    let given = from?.entries ?? 0;
    if (format === "raw") {
      const chunks = readRawChunks(file, from?.offset ?? 0);
      let step = await chunks.next();
      for (; step.done !== true; step = await chunks.next()) {
        const entries = new RawEntries(step.value.map(({ payload }) => payload));
        given += entries.length;
        yield { type: "entries", segment, entries };
      }
      return { ...step.value, entries: given };
    }
    let seen = 0;
    for await (const { offset, length, entries } of readPacked(file)) {
      if (entries === null) {
        yield { type: "damaged", segment, offset, bytes: length };
        continue;
      }
      const fresh: Entries = given > seen ? [...entries].slice(given - seen) : entries;
      seen += entries.length;
      if (fresh.length === 0) continue;
      given = seen;
      yield { type: "entries", segment, entries: fresh };
    }
    const { size } = await file.stat();
    return { offset: size, size, tail: "whole", entries: given };
  } finally {
    await file.close();
  }
}

/** Frames in the bytes of an unfinished batch: those whose head is there. Its check sum says nothing, so this is an estimate. */
async function framesIn(path: string, offset: number, size: number): Promise<number> {
  const file = await openSegment(path);
  try {
    const bytes = Buffer.alloc(Math.min(size - offset, 64 * 1024 * 1024));
    await file.read(bytes, 0, bytes.length, offset);
    if (bytes.every((byte) => byte === 0)) return 0;
    return entriesOf(bytes.subarray(BATCH_HEAD)).filter(({ kind }) => kind !== entryKind.mark).length;
  } catch {
    return 0;
  } finally {
    await file.close();
  }
}
