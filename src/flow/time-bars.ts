import type { BookEvent, Gap, TradeEvent } from "../book/event.js";
import { type Duration, SECOND, type Timestamp } from "../units/time.js";
import { type Bar, OpenBar } from "./bar.js";
import { Clocks, type ConnectionClock } from "./clocks.js";
import { gridBefore } from "./interval.js";
import { concernsTrades, Lapses } from "./lapses.js";
import { none, type Stage } from "./stage.js";

/** How far messages of other channels may be ahead of trades, whose time was in whole seconds once. */
export const TRADES_LATE: Duration = SECOND;

interface Traded {
  readonly ticker: string;
  readonly lapses: Lapses;
  clock: ConnectionClock;
  bar: OpenBar | null;
  /** What ends by then has been given. */
  given: Timestamp;
}

/**
 * Bars of equal length on a grid of exchange time; none where nothing was traded. Where trades may be missing there is a partial one without
 * trades, which is as long as nothing is known.
 */
export class TimeBars implements Stage<BookEvent, Bar> {
  passed: Timestamp = Number.NEGATIVE_INFINITY;
  readonly #every: Duration;
  readonly #clocks = new Clocks(({ type }) => type === "trade", TRADES_LATE);
  readonly #markets = new Map<string, Traded>();
  readonly #open = new Set<Traded>();
  /** No open bar ends before this. */
  #next: Timestamp = Number.POSITIVE_INFINITY;
  #made: Bar[] = [];

  constructor(every: Duration) {
    this.#every = every;
  }

  take(event: BookEvent): Iterable<Bar> {
    const clocks = this.#clocks;
    clocks.take(event);
    if (clocks.passed(clocks.current) >= this.#next) this.#close();
    this.passed = gridBefore(clocks.passedEverywhere, this.#every);
    if (event.type === "gap") {
      if (concernsTrades(event)) for (const ticker of event.tickers) this.#gap(this.#market(ticker, event), event);
    } else if ("ticker" in event && event.ticker !== null) {
      const market = this.#market(event.ticker, event);
      if (event.type === "trade") this.#trade(market, event);
    }
    return this.#given();
  }

  pass(): Iterable<Bar> {
    return none;
  }

  /** What is open at the end is partial, unless the events have gone past it. */
  end(): Iterable<Bar> {
    const { latest } = this.#clocks;
    for (const market of this.#open) {
      const bar = market.bar!;
      if (bar.end > latest + 1) bar.isPartial = true;
      if (bar.trades > 0 || market.lapses.touches(bar.start, latest + 1)) this.#made.push(bar.closed());
    }
    this.#open.clear();
    this.#made.sort((a, b) => a.end_time - b.end_time);
    this.passed = latest + 1;
    return this.#given();
  }

  /** Gives the bars whose time has passed. */
  #close(): void {
    this.#next = Number.POSITIVE_INFINITY;
    for (const market of this.#open) {
      const bar = market.bar!;
      const passed = this.#clocks.passed(market.clock);
      if (bar.end <= passed) {
        const isMissing = market.lapses.isOpen;
        if (isMissing && bar.trades === 0) bar.end = gridBefore(passed, this.#every) + this.#every;
        else {
          this.#give(market, bar);
          if (isMissing) this.#barAt(market, bar.end);
        }
      }
      if (market.bar !== null && market.bar.end < this.#next) this.#next = market.bar.end;
    }
  }

  #trade(market: Traded, event: TradeEvent): void {
    market.clock = this.#clocks.current;
    const time = this.#clocks.time ?? event.receivedAt;
    const own = gridBefore(time, this.#every);
    const { bar } = market;
    if (bar !== null && own > bar.start) {
      // Nothing was known from its start on to here.
      if (own < bar.end) bar.end = own;
      this.#give(market, bar);
    }
    const open = this.#barAt(market, own);
    open.add(event, own < open.start);
  }

  #gap(market: Traded, gap: Gap): void {
    market.lapses.add(gap);
    const bar = this.#barAt(market, gridBefore(gap.to ?? gap.from, this.#every));
    bar.isPartial ||= market.lapses.touches(bar.start, bar.end);
  }

  /** The bar of a market that is open; else a new one from `start` on, or from where bars have been given up to. */
  #barAt(market: Traded, start: Timestamp): OpenBar {
    if (market.bar !== null) return market.bar;
    const from = Math.max(start, market.given);
    const end = from + this.#every;
    market.bar = new OpenBar(market.ticker, from, end, market.lapses.touches(from, end));
    this.#open.add(market);
    if (end < this.#next) this.#next = end;
    return market.bar;
  }

  #give(market: Traded, bar: OpenBar): void {
    market.bar = null;
    market.given = bar.end;
    this.#open.delete(market);
    if (bar.trades > 0 || bar.isPartial) this.#made.push(bar.closed());
  }

  #market(ticker: string, { receivedAt }: BookEvent): Traded {
    let market = this.#markets.get(ticker);
    if (market === undefined) {
      const { current, time } = this.#clocks;
      const lapses = new Lapses(() => time ?? current.guess(receivedAt));
      market = { ticker, lapses, clock: current, bar: null, given: Number.NEGATIVE_INFINITY };
      this.#markets.set(ticker, market);
    }
    return market;
  }

  #given(): Iterable<Bar> {
    if (this.#made.length === 0) return none;
    const made = this.#made;
    this.#made = [];
    return made;
  }
}
