import type { Duration, Timestamp } from "../../units/time.js";

/** Something that is so of a market from a moment on. */
export interface Since {
  readonly time: Timestamp;
  readonly ticker: string;
}

interface Market<R, S> {
  readonly state: S;
  last: R;
  at: Timestamp;
}

/** How long each row held: until the market's next one. A row with an earlier time than the one before it counts from that one's. */
export class Held<R extends Since, S> {
  readonly #markets = new Map<string, Market<R, S>>();
  readonly #start: () => S;
  readonly #add: (state: S, row: R, lasted: Duration, from: Timestamp) => void;

  /** `add` is called once for each row. */
  constructor(start: () => S, add: (state: S, row: R, lasted: Duration, from: Timestamp) => void) {
    this.#start = start;
    this.#add = add;
  }

  take(row: R): void {
    const market = this.#markets.get(row.ticker);
    if (market === undefined) {
      this.#markets.set(row.ticker, { state: this.#start(), last: row, at: row.time });
      return;
    }
    const lasted = Math.max(0, row.time - market.at);
    this.#add(market.state, market.last, lasted, market.at);
    market.at += lasted;
    market.last = row;
  }

  /** Ends the last rows at a moment, or without one where they begin; gives the markets ascending by ticker. */
  end(until: Timestamp | null): { readonly ticker: string; readonly state: S }[] {
    const all = [...this.#markets].sort(([a], [b]) => (a < b ? -1 : 1));
    return all.map(([ticker, { state, last, at }]) => {
      this.#add(state, last, Math.max(0, (until ?? at) - at), at);
      return { ticker, state };
    });
  }
}
