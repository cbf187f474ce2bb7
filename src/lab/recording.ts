import { KalshiError } from "../errors.js";
import type { Trade } from "../exchange/trade.js";
import { depthRows, snapshotRows } from "../frames/depth-rows.js";
import { quoteRows } from "../frames/quote-rows.js";
import { type DepthLevel, depthFrame, type Quote, quoteRecord, quotesFrame } from "../frames/quotes.js";
import { tradeRows } from "../frames/trade-rows.js";
import { tradesFrame } from "../frames/trades.js";
import { recordedChannels } from "../recorder/channels.js";
import { moment, openRecording as openFolder, type Recording as RecordedEvents } from "../recorder/replay.js";
import { DOLLAR, type Price } from "../units/price.js";
import { formatTimeFull, readSpan, type TimeInput, type Timestamp } from "../units/time.js";
import { type RecordedAsk, RecordedQuery, type RecordedQuestion } from "./recorded.js";

/** A quote with its spread and midpoint. */
export type QuoteRecord = ReturnType<typeof quoteRecord>;

export interface DepthAsk extends RecordedAsk {
  /** So many levels of each side, counted from the best. */
  readonly levels?: number | undefined;
  /** Levels at most so many dollars behind the best of their side. */
  readonly within?: number | undefined;
}

export interface SnapshotsAsk extends RecordedAsk {
  /** Such as `"1s"` or `"5m"`: at multiples of it since 1970. */
  readonly every: string;
}

/** A recording, and the tables that can be made of it. See {@link RecordedQuery} for the ways out. */
export interface Recording extends RecordedEvents {
  /** Best quotes: a row whenever the best level of a side has changed, asked from a moment on first what stood there. */
  quotes(ask?: RecordedAsk): RecordedQuery<QuoteRecord>;
  /** Public trades, each once. */
  trades(ask?: RecordedAsk): RecordedQuery<Trade>;
  /** The levels near the best price, all of them whenever one has changed; without `levels` and `within` whole books. */
  depth(ask?: DepthAsk): RecordedQuery<DepthLevel>;
  /** Whole books at regular moments; at each all messages up to and including it are applied. */
  bookSnapshots(ask: SnapshotsAsk): RecordedQuery<DepthLevel>;
}

/**
 * Opens a recording to read it, also while it grows.
 *
 * @throws KalshiError `FILE_NOT_FOUND` for a folder without segments, `FILE_UNREADABLE`; reading throws `FILE_FORMAT` too
 */
export async function openRecording(dir: string): Promise<Recording> {
  const recording = await openFolder(dir);
  const books = { ...partsOf(recording), channel: "orderbook_delta" } as const;
  return {
    ...recording,
    // A spread takes the symbol along, but not its type.
    [Symbol.asyncIterator]: () => recording[Symbol.asyncIterator](),
    quotes: (ask = {}) =>
      new RecordedQuery<QuoteRecord>({
        ...books,
        ...spanOf(ask),
        frame: quotesFrame,
        maker: (give, from) => quoteRows((quote: Quote) => give(quoteRecord(quote)), from),
        timeOf: ({ time }) => time,
      }),
    trades: (ask = {}) =>
      new RecordedQuery<Trade>({
        ...books,
        ...spanOf(ask),
        channel: "trade",
        frame: tradesFrame,
        maker: (give) => tradeRows(give),
        timeOf: ({ created_time }) => created_time,
      }),
    depth: (ask = {}) => {
      const reach = { levels: readLevels(ask.levels), within: readWithin(ask.within) };
      return new RecordedQuery<DepthLevel>({
        ...books,
        ...spanOf(ask),
        frame: depthFrame,
        maker: (give, from) => depthRows(give, reach, from),
        timeOf: ({ time }) => time,
      });
    },
    bookSnapshots: (ask) => {
      const every = readEvery(ask.every);
      return new RecordedQuery<DepthLevel>({
        ...books,
        ...spanOf(ask),
        frame: depthFrame,
        maker: (give, from) => snapshotRows(give, every, from),
        timeOf: ({ time }) => time,
      });
    },
  };
}

type Parts = Pick<RecordedQuestion<never>, "dir" | "events" | "channels">;

function partsOf(recording: RecordedEvents): Parts {
  const { dir } = recording;
  return { dir, events: (part) => recording.replay(part), channels: () => recordedChannels(dir) };
}

/** @throws KalshiError `BAD_RANGE`, `BAD_TIME`, `BAD_ARGUMENT` */
function spanOf(ask: RecordedAsk): Pick<RecordedQuestion<never>, "tickers" | "from" | "to" | "numbers" | "signal"> {
  const [from, to] = [ask.from, ask.to].map((time: Timestamp | TimeInput | undefined) =>
    time === undefined ? undefined : moment(time),
  );
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

function readLevels(levels: number | undefined): number | undefined {
  if (levels === undefined || (Number.isInteger(levels) && levels > 0)) return levels;
  throw badAsk(`no number of levels: ${levels}`, "give a whole number, such as 5");
}

function readWithin(within: number | undefined): Price | undefined {
  if (within === undefined) return undefined;
  if (within >= 0 && within <= 1) return Math.round(within * DOLLAR);
  throw badAsk(`no distance within a book: ${within}`, "give dollars, such as 0.05 for five cents");
}

function readEvery(every: string): number {
  const span = readSpan(every);
  if (span > 0) return span;
  throw badAsk("moments that are no time apart", 'give a span such as "1s" or "5m"');
}

function badAsk(what: string, hint: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", what, { hint });
}
