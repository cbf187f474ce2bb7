import type { ColumnTable } from "arquero";
import type { BookEvent } from "../book/event.js";
import { KalshiError } from "../errors.js";
import type { Trade } from "../exchange/trade.js";
import type { Bar } from "../flow/bar.js";
import { type BarSize, bars } from "../flow/bars.js";
import { type BookDelta, bookDeltas } from "../flow/book-deltas.js";
import { type BookSnapshot, bookSnapshots } from "../flow/book-snapshots.js";
import { type NearDepth, nearDepth } from "../flow/near-depth.js";
import { topLevels } from "../flow/top-levels.js";
import { type Quote, topOfBook } from "../flow/top-of-book.js";
import { trades } from "../flow/trades.js";
import type { Transform } from "../flow/transform.js";
import {
  barsFrame,
  bookDeltasFrame,
  bookLevelsFrame,
  type FlowRecord,
  nearDepthFrame,
  rowsOf,
  topOfBookFrame,
} from "../frames/flows.js";
import type { Frame } from "../frames/frame.js";
import { withProvenance } from "../frames/provenance.js";
import { qualityFrame, quality as qualityTable } from "../frames/quality.js";
import { tradesFrame } from "../frames/trades.js";
import { recordedChannels } from "../recorder/channels.js";
import { maybeMoment } from "../recorder/moment.js";
import type { Quality } from "../recorder/quality.js";
import { openRecording as openFolder, type Recording as RecordedEvents } from "../recorder/replay.js";
import { type Names, readNumber, refuseUnknown } from "../units/argument.js";
import { formatTime, formatTimeFull, systemClock, type Timestamp } from "../units/time.js";
import { type RecordedAsk, RecordedQuery, type RecordedQuestion } from "./recorded.js";

/** How far to look into a book from the best price of each side. */
export type DepthAsk = RecordedAsk &
  (
    | {
        /** So many levels of each side: a row for each of them whenever one has changed. */
        readonly levels: number;
        readonly within?: undefined;
      }
    | {
        /** Dollars: the contracts of all levels at most so far behind the best, one row whenever they have changed. */
        readonly within: number;
        readonly levels?: undefined;
      }
  );

export interface SnapshotsAsk extends RecordedAsk {
  /** Such as `"1s"` or `"5m"`: at multiples of it since 1970. */
  readonly every: string;
  /** So many levels of each side, from the best one. Default all. */
  readonly levels?: number | undefined;
}

/** A recording, and the tables that can be made of it. See {@link RecordedQuery} for the ways out. */
export interface Recording extends RecordedEvents {
  /** Best quotes: a row whenever the best level of a side has changed. Asked from a moment on, the first tells what stood there. */
  quotes(ask?: RecordedAsk): RecordedQuery<Quote>;
  /** Public trades, each once, in the columns of those downloaded; their times are the channel's, in whole milliseconds. */
  trades(ask?: RecordedAsk): RecordedQuery<Trade>;
  /** What rests near the best prices: levels with `levels`, contracts with `within`. */
  depth(ask: DepthAsk & { readonly within: number }): RecordedQuery<NearDepth>;
  depth(ask: DepthAsk & { readonly levels: number }): RecordedQuery<BookSnapshot>;
  depth(ask: DepthAsk): RecordedQuery<NearDepth> | RecordedQuery<BookSnapshot>;
  /** Books at regular moments, a row for every level; at each moment all messages up to and including it are applied. */
  bookSnapshots(ask: SnapshotsAsk): RecordedQuery<BookSnapshot>;
  /**
   * Every message of the books, in the order in which they came (`message`): whole books level by level, deltas, and from when on messages are
   * missing. Applied one after the other they give every book at every message. Asked from a moment on, the books that stood there come
   * first, and then all that came behind them, also with an earlier time; `to` ends with the first message of each connection that is later.
   */
  deltas(ask?: RecordedAsk): RecordedQuery<BookDelta>;
  /** How good the recording is by market and hour, as a table. */
  qualityTable(): Promise<ColumnTable>;
  /** Trades as bars by time, contracts or number. */
  bars(ask: RecordedAsk & BarSize): RecordedQuery<Bar>;
}

/**
 * Opens a recording to read it, also while it grows.
 *
 * @throws KalshiError `FILE_NOT_FOUND` for a folder without segments, `FILE_UNREADABLE`; reading throws `FILE_FORMAT` too
 */
export async function openRecording(dir: string): Promise<Recording> {
  const recording = await openFolder(dir);
  const events: RecordedQuestion<never>["events"] = (part) => recording.replay(part);
  /** Lets rows out of events, by the transform that makes the records. */
  const asked = <T>(
    ask: RecordedAsk,
    channel: RecordedQuestion<T>["channel"],
    frame: Frame,
    { start }: Transform<BookEvent, T>,
    timeOf: (record: T) => Timestamp,
    rows: (record: T) => ReturnType<typeof rowsOf>,
  ) =>
    new RecordedQuery<T>({
      ...spanOf(ask),
      ...{ dir, channel, frame, events, start, timeOf, rowsOf: rows, channels: () => recordedChannels(dir) },
    });
  const ofBooks = <T extends FlowRecord & { readonly time: Timestamp }>(
    ask: RecordedAsk,
    frame: Frame,
    made: Transform<BookEvent, T>,
  ) => asked<T>(ask, "orderbook_delta", frame, made, ({ time }) => time, rowsOf);
  return {
    ...recording,
    quotes: (ask = {}) => ofBooks(known("quotes", ask, names), topOfBookFrame, topOfBook()),
    trades: (ask = {}) =>
      asked(
        known("trades", ask, names),
        "trade",
        tradesFrame,
        trades(),
        ({ created_time }) => created_time,
        (trade) => [trade],
      ),
    depth: ((ask: DepthAsk) => {
      const { levels, within } = known("depth", ask, { ...names, levels: true, within: true });
      if (levels === undefined) return ofBooks(ask, nearDepthFrame, nearDepth(readWithin(within) * 100));
      if (within !== undefined) throw badAsk("depth by levels and by distance at once", DEPTH_HINT);
      return ofBooks<BookSnapshot>(ask, bookLevelsFrame, topLevels(levels));
    }) as Recording["depth"],
    bookSnapshots: (ask) => {
      const { every, levels } = known("bookSnapshots", ask, { ...names, every: true, levels: true });
      return ofBooks(ask, bookLevelsFrame, bookSnapshots(every, { levels }));
    },
    deltas: (ask = {}) => ofBooks(known("deltas", ask, names), bookDeltasFrame, bookDeltas()),
    qualityTable: async () => qualityOf(await recording.quality(), dir),
    // A bar's end is no moment of its own: what is in it came before.
    bars: (ask) => {
      const size = sizeIn(known<RecordedAsk>("bars", ask, { ...names, ...sizeNames }));
      return asked(ask, "trade", barsFrame, bars(size), ({ start_time }) => start_time, rowsOf);
    },
  };
}

/** What every table can be asked. */
const names: Names<RecordedAsk> = {
  ...{ ticker: true, tickers: true, from: true, to: true, numbers: true, signal: true },
};
const sizeNames = { every: true, volume: true, trades: true } as const;
const DEPTH_HINT = "give `levels`, such as 5 of each side, or `within` in dollars, such as 0.05 for five cents";

/** @throws KalshiError `BAD_ARGUMENT` */
function known<A extends RecordedAsk>(what: string, ask: A, all: Names<A>): A {
  refuseUnknown(what, ask, all);
  return ask;
}

function sizeIn(ask: object): BarSize {
  return Object.fromEntries(Object.entries(ask).filter(([name]) => Object.hasOwn(sizeNames, name))) as BarSize;
}

function qualityOf(quality: Quality, dir: string): ColumnTable {
  const table = qualityTable(quality);
  const rows = table.numRows();
  return withProvenance(table, {
    noun: qualityFrame.noun,
    sources: [{ tier: "recording", endpoint: dir, rows, pages: 1 }],
    ...{ cutoffs: null, from: null, to: null, covered: null, complete: true, why: null, rows },
    at: formatTime(systemClock.now()),
  });
}

function readWithin(within: number | undefined): number {
  if (within === undefined) throw badAsk("depth of how many levels, or within how much?", DEPTH_HINT);
  return readNumber("within", within, { least: 0, most: 1 }, DEPTH_HINT);
}

/** @throws KalshiError `BAD_RANGE`, `BAD_TIME`, `BAD_ARGUMENT` */
function spanOf(ask: RecordedAsk): Pick<RecordedQuestion<never>, "tickers" | "from" | "to" | "numbers" | "signal"> {
  const [from, to] = [maybeMoment(ask.from), maybeMoment(ask.to)];
  if (from !== undefined && to !== undefined && !(from < to)) {
    throw new KalshiError("BAD_RANGE", `from ${formatTimeFull(from)} to ${formatTimeFull(to)} is no range`, {
      hint: "give a `to` after `from`; `from` is included, `to` is not",
      context: { from, to },
    });
  }
  const named = [...(ask.ticker === undefined ? [] : [ask.ticker]), ...(ask.tickers ?? [])];
  const isNamed = ask.ticker !== undefined || ask.tickers !== undefined;
  if (isNamed && named.length === 0) throw badAsk("no ticker", "leave `tickers` out for every market of the recording");
  return { tickers: isNamed ? [...new Set(named)] : undefined, from, to, numbers: ask.numbers, signal: ask.signal };
}

function badAsk(what: string, hint: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", what, { hint });
}
