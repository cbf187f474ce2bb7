import type { BookEvent, TradeEvent } from "../book/event.js";
import { type Bar, OpenBar } from "./bar.js";
import { Clocks } from "./clocks.js";
import { concernsTrades, Lapses } from "./lapses.js";
import { none, type Stage } from "./stage.js";
import { TRADES_LATE } from "./time-bars.js";

interface Traded {
  readonly lapses: Lapses;
  bar: OpenBar | null;
}

/** Bars that are full once a measure of what was traded is reached; a trade is never cut in two. */
export class SizeBars implements Stage<BookEvent, Bar> {
  readonly #isFull: (bar: OpenBar) => boolean;
  readonly #clocks = new Clocks(({ type }) => type === "trade", TRADES_LATE);
  readonly #markets = new Map<string, Traded>();

  constructor(isFull: (bar: OpenBar) => boolean) {
    this.#isFull = isFull;
  }

  get passed(): number {
    return this.#clocks.passedEverywhere;
  }

  take(event: BookEvent): Iterable<Bar> {
    this.#clocks.take(event);
    if (event.type === "trade") return this.#trade(event);
    if (event.type === "gap" && concernsTrades(event)) {
      for (const ticker of event.tickers) {
        const { lapses, bar } = this.#market(ticker);
        lapses.add(event);
        if (bar !== null) bar.isPartial = true;
      }
    }
    return none;
  }

  pass(): Iterable<Bar> {
    return none;
  }

  end(): Iterable<Bar> {
    const open = [...this.#markets.values()].flatMap(({ bar }) => bar ?? []);
    for (const bar of open) bar.isPartial = true;
    return open.map((bar) => bar.closed()).sort((a, b) => a.end_time - b.end_time);
  }

  #trade(event: TradeEvent): Iterable<Bar> {
    const market = this.#market(event.ticker);
    const time = this.#clocks.time ?? event.receivedAt;
    market.bar ??= new OpenBar(event.ticker, time, time, market.lapses.touches(time, time + 1));
    const { bar } = market;
    bar.end = Math.max(bar.end, time);
    bar.start = Math.min(bar.start, time);
    bar.add(event, false);
    if (!this.#isFull(bar)) return none;
    market.bar = null;
    return [bar.closed()];
  }

  #market(ticker: string): Traded {
    let market = this.#markets.get(ticker);
    if (market === undefined) {
      // Where the first bar begins is nobody's loss.
      market = { lapses: new Lapses(() => Number.NEGATIVE_INFINITY), bar: null };
      this.#markets.set(ticker, market);
    }
    return market;
  }
}
