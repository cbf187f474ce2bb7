import { complement, DOLLAR, type Price } from "../../../units/price.js";
import { MINUTE, type Timestamp } from "../../../units/time.js";
import type { Books, MarketRecord, TradeRecord } from "../../types.js";
import { tickAbove, tickBelow } from "../grid.js";
import type { MemoryWorld } from "../world.js";

/** First, highest, lowest and last value of a period. */
export interface Ohlc {
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
}

/** How the best quotes moved up to `time`, since the bar before. No bid is 0, no ask the whole dollar. */
export interface QuoteBar {
  readonly time: Timestamp;
  readonly bid: Ohlc;
  readonly ask: Ohlc;
}

/** Best quotes over time, for candles. */
export interface QuoteSource {
  /** Bars of (after, to], oldest first, with the last one before as start; null where quotes were never seen. */
  bars(
    market: MarketRecord,
    after: Timestamp,
    to: Timestamp,
  ): { readonly start: QuoteBar | null; readonly bars: readonly QuoteBar[] } | null;
}

/**
 * Best quotes of generated markets: what the books showed while the sandbox ran, a bar a minute, and before that quotes that fit
 * the generated trades. Of real records and bulk markets, which come without quotes, nothing is known and nothing made up.
 */
export class QuoteHistory implements QuoteSource {
  readonly #world: MemoryWorld;
  readonly #books: Books;
  readonly #seen = new Map<string, { readonly since: Timestamp; readonly bars: QuoteBar[] }>();

  constructor(world: MemoryWorld, books: Books) {
    this.#world = world;
    this.#books = books;
    books.on((event) => {
      if (event.type === "ticker" || event.type === "wiped") this.#see(event.ticker, event.time);
    });
  }

  bars(market: MarketRecord, after: Timestamp, to: Timestamp) {
    if (this.#world.found.has(market.ticker) || this.#world.trades.bulk(market.ticker) !== undefined) return null;
    const seen = this.#seen.get(market.ticker);
    const until = Math.min(to, seen === undefined ? to : seen.since - 1);
    const trades = this.#world.trades;
    const made = trades.between(market.ticker, after + 1, until + 1).map((trade) => fittingQuote(market, trade));
    const before = trades.lastBefore(market.ticker, Math.min(after, until) + 1);
    let start = before === undefined ? null : fittingQuote(market, before);
    const bars = made;
    for (const bar of seen?.bars ?? []) {
      if (bar.time <= after) start = bar;
      else if (bar.time <= to) bars.push(bar);
    }
    return { start, bars };
  }

  #see(ticker: string, time: Timestamp): void {
    const book = this.#books.book(ticker);
    if (book === null) return;
    const bid = book.yes.at(-1)?.[0] ?? 0;
    const no = book.no.at(-1)?.[0];
    const ask = no === undefined ? DOLLAR : complement(no);
    const end = Math.ceil(time / MINUTE) * MINUTE;
    const bars: QuoteBar[] = this.#seen.get(ticker)?.bars ?? [];
    if (bars.length === 0) this.#seen.set(ticker, { since: time, bars });
    const last = bars.at(-1);
    if (last?.time === end) {
      bars[bars.length - 1] = { time: end, bid: widened(last.bid, bid), ask: widened(last.ask, ask) };
    } else {
      bars.push({ time: end, bid: flat(bid), ask: flat(ask) });
    }
  }
}

/** Quotes around a generated trade: the taker met one side, and the other stood one to three ticks away. */
export function fittingQuote(market: MarketRecord, trade: TradeRecord): QuoteBar {
  const ticks = 1 + (trade.id.charCodeAt(trade.id.length - 1) % 3);
  const step = trade.taker === "yes" ? tickBelow : tickAbove;
  let other: Price | null = trade.price;
  for (let i = 0; i < ticks && other !== null; i += 1) other = step(market.grid, other);
  const bid = trade.taker === "yes" ? (other ?? 0) : trade.price;
  const ask = trade.taker === "yes" ? trade.price : (other ?? DOLLAR);
  return { time: trade.time, bid: flat(bid), ask: flat(ask) };
}

function flat(price: Price): Ohlc {
  return { open: price, high: price, low: price, close: price };
}

function widened(ohlc: Ohlc, price: Price): Ohlc {
  return { open: ohlc.open, high: Math.max(ohlc.high, price), low: Math.min(ohlc.low, price), close: price };
}
