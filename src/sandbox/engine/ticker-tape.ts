import { SECOND, type Timestamp } from "../../units/time.js";
import type { EngineEvent } from "../types.js";
import { Agenda } from "./agenda.js";
import { endMillisecond, type Progress } from "./progress.js";
import type { Seat } from "./seat.js";

/** A ticker is sent at most this often per market, own orders aside. */
const TICKER_EVERY = SECOND;

/** Tells what markets show, when it has changed and not too often. */
export interface TickerTape {
  /** A market shows something else than its last ticker did. */
  changed(seat: Seat): void;
  /** Sends what may be sent by now, or one market's at once, and lets no later event share its millisecond. */
  send(own?: Seat): void;
}

export function createTickerTape(progress: Progress, emit: (event: EngineEvent) => void): TickerTape {
  /** Markets that have changed, by when their next ticker may be sent. */
  const waiting = new Agenda<Seat>();

  function sendOne(seat: Seat, time: Timestamp): true {
    seat.venue.changed = false;
    seat.tickerSent = time;
    emit({ type: "ticker", ticker: seat.venue.market.ticker, time });
    return true;
  }

  function sendDue(time: Timestamp): boolean {
    let sent = false;
    for (let next = waiting.next; next !== undefined && next.at <= time; next = waiting.next) {
      waiting.shift();
      const { venue, tickerSent } = next.item;
      // One that was sent meanwhile, for an own order's sake, stands in line anew.
      if (venue.changed && time - tickerSent >= TICKER_EVERY) sent = sendOne(next.item, time);
    }
    return sent;
  }

  return {
    changed(seat) {
      if (seat.venue.changed) return;
      seat.venue.changed = true;
      waiting.add(seat.tickerSent + TICKER_EVERY, seat);
    },
    send(own) {
      const { time } = progress;
      const sent = own === undefined ? sendDue(time) : own.venue.changed && sendOne(own, time);
      if (sent) endMillisecond(progress);
    },
  };
}
