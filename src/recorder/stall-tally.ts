import type { BookEvent } from "../book/event.js";
import { STALL_MS } from "../book/stalls.js";
import type { Timestamp } from "../units/time.js";

/** Silences longer than `stallMs` (default a minute) though the connection stood. */
export interface StallFigures {
  /** Connections that are open and silent now. */
  readonly connections: number;
  /** Markets silent now whose book has levels, while their connection brings others. */
  readonly markets: number;
  /** Connections on which the exchange's time stands now, though messages come. */
  readonly clocks: number;
  /** All that have been told since the start, of whatever kind. */
  readonly total: number;
}

/** Counts silences: those that events tell, and those of connections already while they last. */
export class StallTally {
  readonly #after: Timestamp;
  /** Receive time of the last thing heard, by the place of each connection that is open. */
  readonly #heard = new Map<number, Timestamp>();
  readonly #markets = new Set<string>();
  readonly #clocks = new Set<number>();
  #total = 0;

  constructor(stallMs: number = STALL_MS) {
    this.#after = stallMs * 1_000;
  }

  /** A connection begins, or brings a frame. */
  heard(lane: number, at: Timestamp): void {
    this.#heard.set(lane, at);
  }

  disconnected(lane: number): void {
    this.#heard.delete(lane);
  }

  hear(event: BookEvent): void {
    if (event.type !== "stall") return;
    const { reason, ticker, connection, to } = event;
    // A connection's is told once, when it is over; others when they are found, and again when they are over.
    if (reason === "connection" || to === null) this.#total += 1;
    if (reason === "market") change(this.#markets, ticker!, to === null);
    else if (reason === "clock") change(this.#clocks, connection, to === null);
  }

  read(now: Timestamp): StallFigures {
    const silent = [...this.#heard.values()].filter((at) => now - at >= this.#after);
    return {
      connections: silent.length,
      markets: this.#markets.size,
      clocks: this.#clocks.size,
      total: this.#total,
    };
  }
}

function change<T>(set: Set<T>, one: T, isIn: boolean): void {
  if (isIn) set.add(one);
  else set.delete(one);
}
