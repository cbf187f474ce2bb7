import { KalshiError } from "../../errors.js";
import type { Timestamp } from "../../units/time.js";
import type { EngineEvent, MarketRecord, World } from "../types.js";
import { createdMessage, eventMessage } from "../wire/lifecycle-messages.js";
import { Refused, refusal } from "../wire/replies.js";
import { termsOf } from "../world/fee-schedule.js";
import { isCombo } from "../world/series/combo-series.js";
import { inactive } from "./admission.js";
import type { FeeCalendar } from "./fee-calendar.js";
import { type Progress, reachNow } from "./progress.js";
import { createSeat, type Seat } from "./seat.js";
import type { Turns } from "./turns.js";
import { createVenue, type Venue } from "./venue.js";

/** The world's markets as they come into the engine, and the way to each. */
export interface Listings {
  /** Takes in markets that the world has brought forth since the last look, and tells of those that are new. */
  discover(): void;
  /** Takes in the markets of an event that are not paid yet, though they had closed before the engine began: members hold something there. */
  takeUnpaid(eventTicker: string): void;
  /** The seat of a market that an order may reach, at a time not before any event. @throws Refused where there is none */
  seatFor(ticker: string): Seat;
  /** A market's seat with all turns of its life that were due. @throws KalshiError `MARKET_NOT_FOUND` */
  seatNow(ticker: string): { readonly seat: Seat; readonly time: Timestamp };
}

export interface ListingsContext {
  readonly world: World;
  readonly progress: Progress;
  readonly seats: Map<string, Seat>;
  readonly turns: Turns;
  readonly feeCalendar: FeeCalendar;
  emit(event: EngineEvent): void;
}

export function createListings(context: ListingsContext): Listings {
  const { world, progress, seats, turns, feeCalendar, emit } = context;
  const knownEvents = new Set<string>();
  let seen = 0;

  function discover(): void {
    feeCalendar.look();
    if (world.markets.size === seen) return;
    const first = seen === 0;
    seen = world.markets.size;
    const now = world.clock.now();
    for (const market of world.markets.values()) {
      if (!market.live || !take(market, now)) continue;
      if (!first) announce(market);
      knownEvents.add(market.eventTicker);
    }
  }

  /** False where a market has a seat already, or needs none any more. */
  function take(market: MarketRecord, now: Timestamp): boolean {
    if (seats.has(market.ticker) || market.settledTime <= now) return false;
    const seat = createSeat(venueOf(market, now), now, turns.run);
    seats.set(market.ticker, seat);
    feeCalendar.watch(market, now);
    turns.schedule(seat);
    return true;
  }

  function venueOf(market: MarketRecord, now: Timestamp): Venue {
    const venue = createVenue(market, termsOf(world, market, now));
    const { dollars, lastCount } = world.trades.turnover(market.ticker);
    venue.dollarVolume = dollars;
    venue.lastTradeSize = lastCount;
    return venue;
  }

  function announce(market: MarketRecord): void {
    const combo = isCombo(market);
    const event = world.events.get(market.eventTicker);
    if (event !== undefined && !knownEvents.has(event.ticker)) {
      emit({ type: "event_lifecycle", combo, message: eventMessage(event) });
    }
    emit({ type: "lifecycle", ticker: market.ticker, combo, message: createdMessage(market) });
  }

  return {
    discover,
    takeUnpaid(eventTicker) {
      const now = world.clock.now();
      for (const market of world.marketsOf(eventTicker)) if (market.closeTime <= now) take(market, now);
    },
    seatFor(ticker) {
      discover();
      const time = reachNow(progress);
      const seat = seats.get(ticker);
      if (seat !== undefined) {
        feeCalendar.refresh(seat.venue, time);
        return seat;
      }
      if (world.markets.has(ticker)) throw inactive();
      throw new Refused(refusal(404, "market_not_found", "market not found"));
    },
    seatNow(ticker) {
      discover();
      reachNow(progress);
      const seat = seats.get(ticker);
      if (seat !== undefined) turns.catchUp(seat);
      if (seat === undefined || !seats.has(ticker)) throw withoutBook(ticker);
      // Records go by the clock, which the engine may be a little ahead of.
      return { seat, time: world.clock.now() };
    },
  };
}

function withoutBook(ticker: string): KalshiError {
  return new KalshiError("MARKET_NOT_FOUND", `no market with a book: ${ticker}`, {
    hint: "name a market that is not settled yet; GET /books lists them",
    context: { ticker },
  });
}
