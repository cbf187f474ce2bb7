import type { TickerEvent } from "../../book/event.js";
import { type Amount, amountOf } from "../../units/money.js";
import { DOLLAR } from "../../units/price.js";
import type { MarketRecord, Quote, TradeRecord, World } from "../types.js";

/** The figures of a replay's markets, as its `ticker` and `trade` frames have told them so far. */
export class ToldFigures {
  readonly #world: World;
  readonly #tickers = new Map<string, TickerEvent>();
  readonly #dollars = new Map<string, Amount>();

  constructor(world: World) {
    this.#world = world;
  }

  /** @param dollarVolume - as the frame has it, in whole dollars */
  ticker(event: TickerEvent, dollarVolume: unknown): void {
    this.#tickers.set(event.ticker, event);
    const dollars = amountIn(dollarVolume);
    if (dollars !== null) this.#dollars.set(event.ticker, dollars);
    const stats = this.#statsOf(event.ticker);
    if (stats === undefined) return;
    if (event.price !== null) stats.lastPrice = event.price === 0 ? null : event.price;
    this.#settle(event.ticker);
  }

  /** What was traded before the recording is in the tickers alone, so where there is one its sums stand. */
  trade(trade: TradeRecord): void {
    this.#world.trades.append(trade);
    this.#settle(trade.ticker);
  }

  lastTradeSize(ticker: string): number {
    return this.#tickers.get(ticker)?.last_trade_size ?? this.#world.trades.turnover(ticker).lastCount;
  }

  dollarVolume(ticker: string): Amount {
    return this.#dollars.get(ticker) ?? this.#world.trades.turnover(ticker).dollars;
  }

  /** Best bid and ask by the last ticker, for where the recording has no book. */
  quote(ticker: string): Quote | null {
    const told = this.#tickers.get(ticker);
    if (told === undefined || told.yes_bid === null || told.yes_ask === null) return null;
    return { bid: told.yes_bid, bidSize: told.yes_bid_size ?? 0, ask: told.yes_ask, askSize: told.yes_ask_size ?? 0 };
  }

  #settle(ticker: string): void {
    const [stats, told] = [this.#statsOf(ticker), this.#tickers.get(ticker)];
    if (stats === undefined || told === undefined) return;
    if (told.volume !== null) stats.volume = told.volume;
    if (told.open_interest !== null) stats.openInterest = told.open_interest;
  }

  #statsOf(ticker: string): MarketRecord["stats"] | undefined {
    return this.#world.markets.get(ticker)?.stats;
  }
}

function amountIn(value: unknown): Amount | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) * amountOf(DOLLAR) : null;
}
