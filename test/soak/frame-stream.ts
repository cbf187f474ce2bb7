import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Recording } from "../../src/recorder/replay.js";
import type { FrameLogLine } from "../../src/sandbox/socket/frame-log.js";
import { type PlainBook, PlainBooks } from "./plain-books.js";

/** A book to be written down as the sandbox had it at a moment, in µs. */
export interface Wanted {
  readonly ticker: string;
  readonly time: number;
  own: PlainBook | null;
}

/** What was sent and recorded, in frames and in bytes. */
export interface Sent {
  readonly frames: number;
  readonly okReplies: number;
  /** Megabytes of frames. */
  readonly received: number;
}

/**
 * Reads what a sandbox wrote down beside what is recorded, both from their start and neither in memory, and writes down the sandbox's own book
 * at the wanted moments.
 *
 * @throws Error where the two are not alike to the byte
 */
export async function countSent(log: string, recording: Recording, wanted: readonly Wanted[]): Promise<Sent> {
  const recorded = recording.frames()[Symbol.asyncIterator]();
  const books = new PlainBooks(false);
  const waiting = byTicker(wanted);
  let frames = 0;
  let okReplies = 0;
  let bytes = 0;
  for await (const line of createInterface({ input: createReadStream(log) })) {
    const told = JSON.parse(line) as FrameLogLine;
    if (!("frame" in told)) capture(waiting.get(told.ticker), Math.floor(told.time / 1_000) * 1_000, books);
    books.take(told);
    if (!("frame" in told)) continue;
    const next = await recorded.next();
    const text = next.done === true ? null : next.value.data.toString("utf8");
    if (text !== told.frame) throw new Error(`frame ${frames} was ${told.frame} and is recorded as ${text}`);
    frames += 1;
    bytes += told.frame.length;
    if (told.frame.startsWith('{"type":"ok"')) okReplies += 1;
  }
  const more = await recorded.next();
  if (more.done !== true) throw new Error(`recorded, but never sent: ${more.value.data.toString("utf8")}`);
  return { frames, okReplies, received: bytes / 2 ** 20 };
}

/** The last frame that a sandbox has written down, or null. */
export function lastSent(log: string): string | null {
  const file = openSync(log, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, 1 << 22));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString("utf8").split("\n");
    const last = lines.findLast((line) => line.startsWith('{"connection"') && line.endsWith("}"));
    return last === undefined ? null : (JSON.parse(last) as { frame: string }).frame;
  } finally {
    closeSync(file);
  }
}

/** By market, the earliest first. */
function byTicker(wanted: readonly Wanted[]): Map<string, Wanted[]> {
  const found = new Map<string, Wanted[]>();
  for (const one of wanted) found.set(one.ticker, [...(found.get(one.ticker) ?? []), one]);
  for (const list of found.values()) list.sort((a, b) => a.time - b.time);
  return found;
}

/** The next change is of a later time: until then the book was as it stands. */
function capture(waiting: Wanted[] | undefined, time: number, books: PlainBooks): void {
  while (waiting !== undefined && waiting.length > 0 && waiting[0]!.time < time) {
    const one = waiting.shift()!;
    const book = books.last(one.ticker);
    one.own = book === null ? null : { yes: new Map(book.yes), no: new Map(book.no) };
  }
}
