import { HOUR, SECOND, type Timestamp } from "../units/time.js";
import { type Latency, LatencyCounts } from "./latency.js";

/** What is counted of a market, in all and in each hour. Spans are in microseconds. */
export interface Counts {
  deltas: number;
  snapshots: number;
  trades: number;
  /** Gaps that began. */
  gaps: number;
  stalls: number;
  unparsed: number;
  /** Books compared with those of REST, and those among them that differed. */
  rest_checks: number;
  rest_differences: number;
  covered: number;
  unknown: number;
  crossed: number;
  stalled: number;
}

/** An hour of a market, beginning at `start`. */
export interface HourTally extends Counts {
  readonly start: Timestamp;
  latency: Latency | null;
}

const nothing: Readonly<Counts> = {
  ...{ deltas: 0, snapshots: 0, trades: 0, gaps: 0, stalls: 0, unparsed: 0, rest_checks: 0, rest_differences: 0 },
  ...{ covered: 0, unknown: 0, crossed: 0, stalled: 0 },
};

/** What is known of a market's recording, moment by moment. `ended`: nobody asks for it any more. */
export class MarketTally {
  readonly from: Timestamp;
  at: Timestamp;
  state: "ok" | "unknown" | "ended" = "unknown";
  isCrossed = false;
  readonly total: Counts = { ...nothing };
  readonly #hours = new Map<number, HourTally>();
  /** Of the latest hour that any came in. */
  #latency: { readonly hour: HourTally; readonly counts: LatencyCounts } | null = null;

  constructor(at: Timestamp) {
    this.from = at;
    this.at = at;
  }

  /** The hours in which there was anything, ascending. */
  hours(): readonly HourTally[] {
    this.#settle();
    return [...this.#hours.values()].sort((a, b) => a.start - b.start);
  }

  /** Counts one of something that happened at a time. */
  count(what: keyof Counts, time: Timestamp, more = 1): void {
    this.total[what] += more;
    this.#hour(time)[what] += more;
  }

  /** What was the case until now was so until a time. */
  advance(to: Timestamp): void {
    const from = this.at;
    if (to <= from) return;
    this.at = to;
    if (this.state === "ended") return;
    this.#span(this.state === "ok" ? "covered" : "unknown", from, to);
    if (this.state === "ok" && this.isCrossed) this.#span("crossed", from, to);
  }

  stalled(from: Timestamp, to: Timestamp): void {
    if (to > from) this.#span("stalled", from, to);
  }

  /** A message took so long, in microseconds. */
  took(micros: number, time: Timestamp): void {
    const hour = this.#hour(time);
    if (this.#latency === null || this.#latency.hour.start < hour.start) {
      this.#settle();
      this.#latency = { hour, counts: new LatencyCounts() };
    }
    // One that came late belongs to the hour in which it came.
    this.#latency.counts.add(micros);
  }

  #settle(): void {
    if (this.#latency !== null) this.#latency.hour.latency = this.#latency.counts.read();
  }

  #span(what: "covered" | "unknown" | "crossed" | "stalled", from: Timestamp, to: Timestamp): void {
    for (let start = from; start < to; ) {
      const end = Math.min(to, (Math.floor(start / HOUR) + 1) * HOUR);
      this.count(what, start, end - start);
      start = end;
    }
  }

  #hour(time: Timestamp): HourTally {
    const start = Math.floor(time / HOUR) * HOUR;
    let hour = this.#hours.get(start);
    if (hour === undefined) {
      hour = { start, latency: null, ...nothing };
      this.#hours.set(start, hour);
    }
    return hour;
  }
}

/** Microseconds as seconds. */
export function seconds(micros: number): number {
  return micros / SECOND;
}
