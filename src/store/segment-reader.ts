import { type FileHandle, open, readdir, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import { KalshiError, messageOf, systemCode } from "../errors.js";
import { BATCH_HEAD, type Entry, entriesOf, MAGIC, readBatch, segmentName, segmentNumber } from "./segment.js";

/** A batch of entries, or a place where a finished segment is damaged and the rest of it cannot be read. */
export type SegmentPart =
  | { readonly type: "entries"; readonly segment: number; readonly entries: readonly Entry[] }
  | { readonly type: "damaged"; readonly segment: number; readonly offset: number; readonly bytes: number };

const READ_BYTES = 1024 * 1024;

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
 * Reads every entry of a recording in order, batch by batch, also while it is being written: then up to the last whole batch.
 *
 * An unfinished batch at the end of the last segment is what a crash leaves and is passed over; anywhere else it is told as damage.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function* readSegments(dir: string): AsyncGenerator<SegmentPart> {
  let last = 0;
  for (;;) {
    const numbers = (await listSegments(dir)).filter((number) => number > last);
    if (numbers.length === 0) return;
    for (const [index, number] of numbers.entries()) {
      let end = yield* readSegment(dir, number);
      last = number;
      const wasLast = index === numbers.length - 1;
      if (end.tail === "whole" && !wasLast) continue;
      // The end of the last one: the writer is at work on it, or died; unless it has written on and opened the next one meanwhile.
      if (wasLast && end.tail !== "damaged" && (await listSegments(dir)).at(-1) === number) return;
      end = yield* readSegment(dir, number, end.offset);
      if (end.tail === "whole") continue;
      yield { type: "damaged", segment: number, offset: end.offset, bytes: end.size - end.offset };
    }
  }
}

/**
 * Cuts an unfinished batch off the last segment, as a crash leaves it; an empty segment is removed. Gives what was cut, or null.
 *
 * @throws KalshiError `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function repairTail(dir: string): Promise<{ segment: number; bytes: number } | null> {
  const number = (await listSegments(dir)).at(-1);
  if (number === undefined) return null;
  const path = join(dir, segmentName(number));
  const walk = readSegment(dir, number);
  let step = await walk.next();
  while (step.done !== true) step = await walk.next();
  const { offset, size, tail } = step.value;
  // Damage in the middle is left as it is: what follows it may yet be of use to someone.
  if (tail === "damaged") return null;
  if (offset <= MAGIC.length) await unlink(path);
  else if (tail === "torn") await truncate(path, offset);
  return tail === "torn" ? { segment: number, bytes: size - offset } : null;
}

/** Where the whole batches of a segment end, and what comes after: nothing, an unfinished batch, or damage. */
interface SegmentEnd {
  readonly offset: number;
  readonly size: number;
  readonly tail: "whole" | "torn" | "damaged";
}

/** Reads one segment from an offset; returns where it ended. */
async function* readSegment(dir: string, segment: number, from = 0): AsyncGenerator<SegmentPart, SegmentEnd> {
  const path = join(dir, segmentName(segment));
  const file = await openToRead(path);
  try {
    let offset = from;
    let bytes: Buffer = Buffer.alloc(0);
    let wanted = READ_BYTES;
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.max(wanted, READ_BYTES));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, offset + bytes.length);
      bytes = bytes.length === 0 ? chunk.subarray(0, bytesRead) : Buffer.concat([bytes, chunk.subarray(0, bytesRead)]);
      let at = 0;
      if (offset === 0 && bytes.length >= MAGIC.length) {
        if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw notASegment(path);
        at = MAGIC.length;
      }
      for (;;) {
        const batch = readBatch(bytes.subarray(at));
        if (batch === "bad") return badEnd(file, offset + at, bytes.subarray(at));
        if (batch === "short") break;
        at += batch.next;
        yield { type: "entries", segment, entries: entriesOf(batch.payload) };
      }
      // A file shorter than its first bytes has no whole batch.
      offset += at;
      bytes = bytes.subarray(at);
      if (bytesRead === 0) {
        return { offset, size: offset + bytes.length, tail: bytes.length === 0 ? "whole" : "torn" };
      }
      wanted = bytes.length >= BATCH_HEAD ? BATCH_HEAD + bytes.readUInt32LE(0) - bytes.length : READ_BYTES;
    }
  } finally {
    await file.close();
  }
}

/**
 * A batch with a wrong check sum is what a power cut leaves when it is the last, or when only zeros follow; anything else is damage.
 */
async function badEnd(file: FileHandle, offset: number, bytes: Buffer): Promise<SegmentEnd> {
  const { size } = await file.stat();
  const next = offset + BATCH_HEAD + bytes.readUInt32LE(0);
  if (next === size) return { offset, size, tail: "torn" };
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  for (let at = offset; at < size; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    if (chunk.subarray(0, bytesRead).some((byte) => byte !== 0)) return { offset, size, tail: "damaged" };
    at += bytesRead;
  }
  return { offset, size, tail: "torn" };
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    throw new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
      hint: "check the file and its permissions",
      context: { path },
      cause: error,
    });
  }
}

function notASegment(path: string): KalshiError {
  return new KalshiError("FILE_FORMAT", `${path} is no segment of a recording`, {
    hint: "the file was made by something else or its start is damaged; move it out of the folder to read the rest",
    context: { path },
  });
}
