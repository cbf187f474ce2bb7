import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type BookState, restoreBook, saveBook } from "../book/feed-state.js";
import { Tracker, type TrackerState } from "./tracker.js";

const LINE_FEED = 10;
const TAB = 9;
const LEAST_ROOM = 64 * 1024;
const MOST_ROOM = 4 * 1024 * 1024;

/**
 * All that is known at a place of a recording, so that reading can begin there: a line with the tracker's state, then one line per book, its
 * ticker and a tab before it, compressed.
 */
export function writeKeyframe(tracker: Tracker): Buffer {
  const lines = [JSON.stringify(tracker.save())];
  for (const [ticker, book] of tracker.books)
    lines.push(`${JSON.stringify(ticker)}\t${JSON.stringify(saveBook(book))}`);
  return zstdCompressSync(lines.join("\n"));
}

/** What a keyframe holds. */
export interface Keyframe {
  readonly state: TrackerState;
  readonly books: readonly BookState[];
}

/** Reads a keyframe, or of its books only one, which is quicker. @throws when the bytes are none; their check sum was looked at before */
export function readKeyframe(packed: Buffer, only?: string): Keyframe {
  // Most are so long at most; a longer one is put together of several pieces.
  const chunkSize = Math.min(Math.max(packed.length * 4, LEAST_ROOM), MOST_ROOM);
  const bytes = zstdDecompressSync(packed, { chunkSize });
  const end = lineEnd(bytes, 0);
  const state = JSON.parse(bytes.toString("utf8", 0, end)) as TrackerState;
  const books: BookState[] = [];
  if (only === undefined) {
    for (let at = end + 1; at < bytes.length; at = lineEnd(bytes, at) + 1) books.push(bookIn(bytes, at));
  } else {
    const at = bytes.indexOf(`\n${JSON.stringify(only)}\t`, end);
    if (at >= 0) books.push(bookIn(bytes, at + 1));
  }
  return { state, books };
}

/** What a tracker knows, as a keyframe at its place would hold it. */
export function keyframeOf(tracker: Tracker): Keyframe {
  return { state: tracker.save(), books: [...tracker.books.values()].map(saveBook) };
}

/** A tracker at the place of a keyframe. */
export function trackerAt({ state, books }: Keyframe, listener?: ConstructorParameters<typeof Tracker>[0]): Tracker {
  const tracker = new Tracker(listener);
  tracker.restore(state, books.map(restoreBook));
  return tracker;
}

function lineEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(LINE_FEED, from);
  return at < 0 ? bytes.length : at;
}

/** The book in the line that begins at a place. */
function bookIn(bytes: Buffer, at: number): BookState {
  return JSON.parse(bytes.toString("utf8", bytes.indexOf(TAB, at) + 1, lineEnd(bytes, at))) as BookState;
}
