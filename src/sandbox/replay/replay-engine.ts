import { DOLLAR } from "../../units/price.js";
import type { Engine } from "../engine/engine.js";
import type { TickerView } from "../engine/ticker-view.js";
import type { EngineEvent, World } from "../types.js";
import { Refused, refusal } from "../wire/replies.js";
import type { Replay } from "./replay.js";

/** An engine whose books, tickers and events are those of a replay. Nobody trades there. */
export interface ReplayEngine extends Engine {
  emit(event: EngineEvent): void;
}

/** `base` has the accounts; it never takes a step. `replay` gives what is played. */
export function createReplayEngine(base: Engine, world: World, replay: () => Replay): ReplayEngine {
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
    book: (ticker) => (world.markets.has(ticker) ? replay().book(ticker) : null),
    ticker: (ticker) => (world.markets.has(ticker) ? viewOf(replay(), world, ticker) : null),
    now: () => world.clock.now(),
    step: () => undefined,
    start: () => undefined,
    place: refuse,
    amend: refuse,
  };
}

/** What the last ticker said, or else what the book and the trades so far tell. */
function viewOf(replay: Replay, world: World, ticker: string): TickerView {
  const told = replay.ticker(ticker);
  const book = replay.book(ticker);
  const stats = world.markets.get(ticker)?.stats;
  const [bid, no] = [book?.yes.at(-1), book?.no.at(-1)];
  const last = told?.price ?? stats?.lastPrice ?? 0;
  return {
    lastPrice: last === 0 ? null : last,
    lastTradeSize: told?.last_trade_size ?? 0,
    yesBid: bid?.[0] ?? null,
    yesBidSize: bid?.[1] ?? 0,
    yesAsk: no === undefined ? null : DOLLAR - no[0],
    yesAskSize: no?.[1] ?? 0,
    volume: told?.volume ?? stats?.volume ?? 0,
    openInterest: told?.open_interest ?? stats?.openInterest ?? 0,
    dollarVolume: 0n,
  };
}
