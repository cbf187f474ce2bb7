import type { Timestamp } from "../../units/time.js";
import type { Maker } from "./makers/makers.js";
import type { Venue } from "./venue.js";

/** One market as the engine leads it through its life. */
export interface Seat {
  readonly venue: Venue;
  phase: "waiting" | "open" | "closed" | "determined";
  maker: Maker | null;
  tickerSent: Timestamp;
  /** When something happens next; an older entry of the agenda counts for nothing. */
  due: Timestamp;
  /** What the agenda runs then. */
  run(at: Timestamp): void;
}

/** A seat for a market in the phase that it has reached. What it has passed is told to nobody. */
export function createSeat(venue: Venue, now: Timestamp, run: (seat: Seat, at: Timestamp) => void): Seat {
  const { market } = venue;
  const opened = now < market.determinedTime ? "closed" : "determined";
  const phase = now < market.closeTime ? "waiting" : opened;
  const seat: Seat = {
    venue,
    phase,
    maker: null,
    tickerSent: 0,
    due: Number.NEGATIVE_INFINITY,
    run: (at) => run(seat, at),
  };
  return seat;
}

/** When a market's life goes on by itself, makers aside. */
export function nextTurn({ phase, venue: { market } }: Seat): Timestamp {
  if (phase === "waiting") return market.openTime;
  if (phase === "open") return market.closeTime;
  return phase === "closed" ? market.determinedTime : market.settledTime;
}
