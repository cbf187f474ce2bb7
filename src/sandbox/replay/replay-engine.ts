import { DOLLAR } from "../../units/price.js";
import type { Engine } from "../engine/engine.js";
import type { TickerView } from "../engine/ticker-view.js";
import type { BookView, EngineEvent, MarketRecord, World } from "../types.js";
import { Refused, refusal } from "../wire/replies.js";
import type { ToldFigures } from "./told-figures.js";

/** An engine whose books, tickers and events are those of a replay. Nobody trades there. */
export interface ReplayEngine extends Engine {
  emit(event: EngineEvent): void;
}

/** What has been played so far. */
export interface Played {
  /** Null while it is not known for sure. */
  book(ticker: string): BookView | null;
  readonly figures: ToldFigures;
}

/** `base` has the accounts; it never takes a step. */
export function createReplayEngine(base: Engine, world: World, played: Played): ReplayEngine {
  const listeners = new Set<(event: EngineEvent) => void>();
  const refuse = (): never => {
    throw new Refused(refusal(400, "trading_is_paused", "trading is paused", "what is replayed cannot be traded"));
  };
  return {
    ...base,
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    book: (ticker) => (world.markets.has(ticker) ? played.book(ticker) : null),
    quote: (ticker) => played.figures.quote(ticker),
    ticker(ticker) {
      const market = world.markets.get(ticker);
      return market === undefined ? null : viewOf(played, market);
    },
    halted: () => "trading",
    now: () => world.clock.now(),
    step: () => undefined,
    start: () => undefined,
    place: refuse,
    amend: refuse,
  };
}

/** What the frames so far told: quotes from the book, or without one from the last ticker, as its sums. */
function viewOf({ book, figures }: Played, { ticker, stats }: MarketRecord): TickerView {
  const found = book(ticker);
  const [yes, no] = [found?.yes.at(-1), found?.no.at(-1)];
  const told = found === null ? figures.quote(ticker) : null;
  const bid = yes?.[0] ?? told?.bid ?? 0;
  const ask = no === undefined ? (told?.ask ?? DOLLAR) : DOLLAR - no[0];
  return {
    lastPrice: stats.lastPrice,
    lastTradeSize: figures.lastTradeSize(ticker),
    yesBid: bid === 0 ? null : bid,
    yesBidSize: yes?.[1] ?? told?.bidSize ?? 0,
    yesAsk: ask === DOLLAR ? null : ask,
    yesAskSize: no?.[1] ?? told?.askSize ?? 0,
    volume: stats.volume,
    openInterest: stats.openInterest,
    dollarVolume: figures.dollarVolume(ticker),
  };
}
