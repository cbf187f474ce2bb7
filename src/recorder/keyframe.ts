import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type BookState, restoreBook, saveBook } from "../book/feed-state.js";
import { Tracker, type TrackerState } from "./tracker.js";

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
export function readKeyframe(bytes: Buffer, only?: string): Keyframe {
  const text = zstdDecompressSync(bytes).toString("utf8");
  const end = text.indexOf("\n");
  const state = JSON.parse(end < 0 ? text : text.slice(0, end)) as TrackerState;
  if (end < 0) return { state, books: [] };
  if (only === undefined)
    return {
      state,
      books: text
        .slice(end + 1)
        .split("\n")
        .map(readLine),
    };
  const at = text.indexOf(`\n${JSON.stringify(only)}\t`, end);
  if (at < 0) return { state, books: [] };
  const next = text.indexOf("\n", at + 1);
  return { state, books: [readLine(text.slice(at + 1, next < 0 ? undefined : next))] };
}

/** A tracker at the place of a keyframe. */
export function trackerAt({ state, books }: Keyframe, listener?: ConstructorParameters<typeof Tracker>[0]): Tracker {
  const tracker = new Tracker(listener);
  tracker.restore(state, books.map(restoreBook));
  return tracker;
}

function readLine(line: string): BookState {
  return JSON.parse(line.slice(line.indexOf("\t") + 1)) as BookState;
}
