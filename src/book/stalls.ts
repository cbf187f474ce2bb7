import type { Timestamp } from "../units/time.js";
import type { Book } from "./book.js";
import type { Connection } from "./connection.js";
import type { BookEvent, Stall } from "./event.js";

/** After so long without a message a market, or a connection, has stalled, unless told otherwise. */
export const STALL_MS = 60_000;

/** How finely silence is looked for: this many times within the time after which it is told. */
const LOOKS = 8;

/** What is known of silences, as plain data. */
export interface StallsState {
  readonly after: Timestamp;
  readonly due: Timestamp;
  readonly livelySince: Timestamp;
  readonly markets: readonly (readonly [ticker: string, from: Timestamp])[];
  readonly clockFrom: Timestamp | null;
}

/** Finds silences on one connection from the receive times of its frames alone, so that a recording has the same as the wire. */
export class Stalls {
  /** A frame received from this time on is a reason to look. */
  due: Timestamp = 0;
  readonly #after: Timestamp;
  readonly #emit: (event: BookEvent) => void;
  /** Silent books, and the receive time of their last message. */
  readonly #markets = new Map<string, Timestamp>();
  /** The connection has brought messages without a stall since then. */
  #livelySince: Timestamp = 0;
  /** Since when the exchange's time stands, where that was told. */
  #clockFrom: Timestamp | null = null;

  constructor(emit: (event: BookEvent) => void, afterMs: number = STALL_MS) {
    this.#emit = emit;
    this.#after = afterMs * 1000;
  }

  /** Silences that were told and have not ended. */
  open(connection: Connection): readonly Stall[] {
    const receivedAt = connection.lastReceivedAt;
    const markets = [...this.#markets].map(([ticker, from]) =>
      stall(connection, receivedAt, "market", ticker, from, null),
    );
    const from = this.#clockFrom;
    return from === null ? markets : [...markets, stall(connection, receivedAt, "clock", null, from, null)];
  }

  begin(receivedAt: Timestamp): void {
    this.#livelySince = receivedAt;
    this.due = receivedAt + this.#after / LOOKS;
  }

  /** A frame has arrived, not before `due` or with the local clock set back; to be called before it is read. */
  look(connection: Connection, receivedAt: Timestamp): void {
    const { lastReceivedAt, clock } = connection;
    this.due = receivedAt + this.#after / LOOKS;
    if (receivedAt < lastReceivedAt) {
      this.#livelySince = receivedAt;
      return;
    }
    if (receivedAt - lastReceivedAt >= this.#after) {
      this.#emit(stall(connection, receivedAt, "connection", null, lastReceivedAt, receivedAt));
      this.#livelySince = receivedAt;
    }
    for (const [ticker, from] of this.#silent(connection, receivedAt)) {
      if (this.#markets.has(ticker)) continue;
      this.#emit(stall(connection, receivedAt, "market", ticker, from, null));
      this.#markets.set(ticker, from);
    }
    const { advancedAt, heardAt } = clock;
    const from = this.#clockFrom;
    if (from === null && heardAt - advancedAt >= this.#after) {
      this.#emit(stall(connection, receivedAt, "clock", null, advancedAt, null));
      this.#clockFrom = advancedAt;
    } else if (from !== null && advancedAt > from) this.#endClock(connection, receivedAt, advancedAt);
  }

  /** Whether a market's silence was told that has not ended. */
  isSilent(ticker: string): boolean {
    return this.#markets.has(ticker);
  }

  /** A book has a message, or is no longer kept up. */
  ended(connection: Connection, ticker: string, receivedAt: Timestamp): void {
    if (this.#markets.size === 0) return;
    const from = this.#markets.get(ticker);
    if (from === undefined) return;
    this.#markets.delete(ticker);
    this.#emit(stall(connection, receivedAt, "market", ticker, from, receivedAt));
  }

  /** The connection has ended, and every silence with it. */
  end(connection: Connection, receivedAt: Timestamp): void {
    for (const ticker of [...this.#markets.keys()]) this.ended(connection, ticker, receivedAt);
    if (this.#clockFrom !== null) this.#endClock(connection, receivedAt, receivedAt);
  }

  save(): StallsState {
    return {
      after: this.#after,
      due: this.due,
      livelySince: this.#livelySince,
      markets: [...this.#markets],
      clockFrom: this.#clockFrom,
    };
  }

  /** Goes on from what was saved; with another length of silence, as if that had been looked for with the last frame. */
  restore(state: StallsState, connection: Connection): void {
    this.#markets.clear();
    this.#livelySince = state.livelySince;
    this.due = state.due;
    this.#clockFrom = state.clockFrom;
    for (const [ticker, from] of state.markets) this.#markets.set(ticker, from);
    if (state.after === this.#after) return;
    this.#markets.clear();
    const { lastReceivedAt, clock } = connection;
    this.due = lastReceivedAt + this.#after / LOOKS;
    this.#clockFrom = clock.heardAt - clock.advancedAt >= this.#after ? clock.advancedAt : null;
    for (const [ticker, from] of this.#silent(connection, lastReceivedAt)) this.#markets.set(ticker, from);
  }

  /** Books that had no message for too long, and the receive time of their last. */
  *#silent(connection: Connection, receivedAt: Timestamp): Generator<readonly [ticker: string, from: Timestamp]> {
    for (const { books } of connection.subscriptions.values()) {
      for (const [ticker, book] of books) {
        const from = book.receivedAt;
        if (from === null || !isExpected(book)) continue;
        // Where the local clock was set back, what lies ahead of it says nothing.
        const since = from > receivedAt ? this.#livelySince : Math.max(from, this.#livelySince);
        if (receivedAt - since >= this.#after) yield [ticker, from];
      }
    }
  }

  #endClock(connection: Connection, receivedAt: Timestamp, to: Timestamp): void {
    const from = this.#clockFrom!;
    this.#clockFrom = null;
    this.#emit(stall(connection, receivedAt, "clock", null, from, to));
  }
}

/** A book that is in a gap has been told of; one without levels is that of a market that is closed, or that nobody quotes. */
function isExpected({ state, yes, no }: Book): boolean {
  return state === "ok" && (yes.best !== null || no.best !== null);
}

function stall(
  { number: connection }: Connection,
  receivedAt: Timestamp,
  reason: Stall["reason"],
  ticker: string | null,
  from: Timestamp,
  to: Timestamp | null,
): Stall {
  return { type: "stall", receivedAt, time: null, connection, reason, ticker, from, to };
}
