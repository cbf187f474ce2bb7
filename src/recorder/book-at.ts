import { readSegments } from "../store/segment-reader.js";
import type { Timestamp } from "../units/time.js";
import { BookSearch } from "./book-search.js";
import { Catalog, type IndexedSegment } from "./catalog.js";
import type { FoundBook } from "./found-book.js";
import { keyframeOf } from "./keyframe.js";
import { hasBit, type IndexBlock } from "./segment-index.js";
import type { ClockName } from "./tracker.js";

export interface BookAtOptions {
  /** Whose clock `time` is of: the exchange's (default), or the local one that stamped the frames. */
  readonly clock?: ClockName | undefined;
}

/**
 * The book of one market at a moment: all messages up to and including it applied.
 *
 * Messages of a subscription are in order, so what is applied is everything up to the last one with a time at or before the moment. A
 * snapshot carries no time (unless the exchange says when it sent it): it counts by its receive time less the least delay seen, unless
 * a later message of that time or before shows that it belongs.
 *
 * Reading begins at the last keyframe before the moment. The answer is the same as that of {@link bookByScan}.
 *
 * @param catalog of the same folder, where more than one question is asked of it
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function bookAt(
  dir: string,
  ticker: string,
  time: Timestamp,
  options: BookAtOptions = {},
  catalog: Catalog = new Catalog(dir),
): Promise<FoundBook> {
  const clock = options.clock ?? "exchange";
  const search = new BookSearch(ticker, time, clock);
  const closed = await catalog.closed();
  const place = await catalog.placeBefore(time, clock, closed);
  let isSkipping = false;
  for (const number of place === null ? closed : closed.filter((one) => one >= place.segment)) {
    const segment = await catalog.open(number, closed);
    try {
      const numberOfTicker = segment.index.tickers.indexOf(ticker);
      const first = place !== null && number === place.segment ? place.block : 0;
      if (place !== null && number === place.segment) {
        search.begin(await segment.stateBefore(first, ticker));
        const left = search.knowsNothing ? await catalog.lastOf(ticker, closed, number) : null;
        if (left !== null) search.remember(left);
      }
      for (const [at, block] of segment.index.blocks.entries()) {
        if (at < first) continue;
        if (search.isWaiting && changesNothing(block, numberOfTicker)) {
          isSkipping = true;
          continue;
        }
        if (isSkipping) search.skip(await segment.stateBefore(at, ticker));
        isSkipping = false;
        if (await readInto(search, segment, block)) return search.result();
      }
    } finally {
      await segment.close();
    }
  }
  const last = closed.at(-1) ?? 0;
  if (isSkipping) search.skip(keyframeOf(await catalog.trackerBehind(closed, ticker)));
  return readRest(search, dir, last);
}

/** The same by reading the recording from its start, without any index. */
export function bookByScan(
  dir: string,
  ticker: string,
  time: Timestamp,
  options: BookAtOptions = {},
): Promise<FoundBook> {
  return readRest(new BookSearch(ticker, time, options.clock ?? "exchange"), dir, 0);
}

async function readRest(search: BookSearch, dir: string, after: number): Promise<FoundBook> {
  for await (const part of readSegments(dir, after)) {
    if (part.type === "damaged") search.damaged();
    else if (search.takeAll(part.entries)) return search.result();
  }
  search.end();
  return search.result();
}

/** True when the answer is complete. */
async function readInto(search: BookSearch, segment: IndexedSegment, block: IndexBlock): Promise<boolean> {
  const entries = segment.read(block);
  if (entries === null) {
    search.damaged();
    return false;
  }
  return search.takeAll(entries);
}

function changesNothing(block: IndexBlock, ticker: number): boolean {
  return !block.turns && (ticker < 0 || !hasBit(block.snapshots, ticker));
}
