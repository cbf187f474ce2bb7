import { SECOND, type Timestamp } from "../../units/time.js";
import type { Agenda } from "./agenda.js";
import type { Listings } from "./listings.js";
import { isNewMillisecond, type Progress, presentOf, reach } from "./progress.js";
import type { TickerTape } from "./ticker-tape.js";
import type { Turns } from "./turns.js";

/** What moves an engine on. */
export interface Clockwork {
  /** Brings everything up to `now` of the world's clock: makers, expiries, closes, settlements. Never goes back. */
  step(now: Timestamp): void;
  /** Steps on a timer of wall time by the world's clock; does not keep the process alive. */
  start(): void;
  stop(): void;
  /** Holds makers, expiries, closes and settlements still while orders stay possible; `thaw` goes on from the present. */
  freeze(): void;
  thaw(): void;
}

export interface ClockworkContext {
  readonly progress: Progress;
  readonly agenda: Agenda<(at: Timestamp) => void>;
  readonly listings: Listings;
  readonly turns: Turns;
  readonly tape: TickerTape;
  /** Wall time between two steps of `start`. */
  readonly everyMs: number;
}

/** What lies further back than this is skipped by makers; closes, expiries and settlements happen at their time all the same. */
const MAX_BACKLOG = 5 * SECOND;

export function createClockwork(context: ClockworkContext): Clockwork {
  const { progress, agenda, listings, turns, tape, everyMs } = context;
  const { clock } = progress;
  let frozen = false;
  let timer: NodeJS.Timeout | null = null;

  function step(now: Timestamp): void {
    if (frozen) return;
    listings.discover();
    progress.lived = now - MAX_BACKLOG;
    if (progress.lived > progress.time) turns.skipTo(progress.lived);
    progress.isStepping = true;
    for (let next = agenda.next; next !== undefined && next.at <= now; next = agenda.next) {
      agenda.shift();
      goTo(next.at);
      next.item(next.at);
    }
    progress.isStepping = false;
    goTo(now);
  }

  /** A millisecond that is not over may hold more, whatever the steps are: tickers wait for its end. */
  function goTo(moment: Timestamp): void {
    if (isNewMillisecond(progress, moment)) tape.send();
    reach(progress, moment);
  }

  return {
    step,
    start() {
      if (timer !== null) return;
      step(clock.now());
      timer = setInterval(() => step(clock.now()), everyMs);
      timer.unref();
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      turns.skipTo(presentOf(progress));
    },
  };
}
