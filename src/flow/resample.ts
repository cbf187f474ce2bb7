import { refuseUnknown } from "../units/argument.js";
import type { Duration, Timestamp } from "../units/time.js";
import { gridAfter, readInterval } from "./interval.js";
import { none, type Stage } from "./stage.js";
import { type Transform, transform } from "./transform.js";

/** A record that holds for its market from its time on, until the next one. */
interface Lasting {
  readonly type: string;
  readonly ticker: string;
  readonly time: Timestamp;
}

interface Last<T> {
  record: T;
  /** The grid's next point, not given yet. */
  next: Timestamp;
}

export interface ResampleOptions {
  /** How long a record is carried on (`"1h"`); after that its market has no points until its next one. Default for ever. */
  readonly maxAge?: string | Duration | undefined;
}

/**
 * What held at every point of a grid in exchange time: for each market the last record at or before it, with the point as its `time`.
 * `pipe(events, topOfBook(), resample("1s"))` is a quote per market and second, from the first one on.
 *
 * A record that says that nothing is known (`trust` is `unknown`) is carried on like any other: no value outlives a gap. Records come point by point
 * as time passes on the feed, also while a market is quiet; over a list of records, time passes with them.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function resample<T extends Lasting>(every: string | Duration, options: ResampleOptions = {}): Transform<T, T> {
  const interval = readInterval(every);
  refuseUnknown("resample", options, { maxAge: true });
  const maxAge = options.maxAge === undefined ? Number.POSITIVE_INFINITY : readInterval(options.maxAge);
  return transform(() => new Resampled<T>(interval, maxAge), "same");
}

class Resampled<T extends Lasting> implements Stage<T, T> {
  passed: Timestamp = Number.NEGATIVE_INFINITY;
  readonly #every: Duration;
  readonly #maxAge: Duration;
  readonly #last = new Map<string, Last<T>>();
  /** Time is told by the stage before; else it passes with the records. */
  #isTold = false;
  #latest: Timestamp = Number.NEGATIVE_INFINITY;
  /** The earliest point that any market has still to be given at, or before it. */
  #next: Timestamp = Number.POSITIVE_INFINITY;

  constructor(every: Duration, maxAge: Duration) {
    this.#every = every;
    this.#maxAge = maxAge;
  }

  *take(record: T): Iterable<T> {
    const { time } = record;
    if (!this.#isTold) yield* this.#upTo(time);
    if (time > this.#latest) this.#latest = time;
    const key = `${record.type} ${record.ticker}`;
    const last = this.#last.get(key);
    if (last === undefined) {
      const next = gridAfter(Math.max(time, this.passed), this.#every);
      this.#last.set(key, { record, next });
      if (next < this.#next) this.#next = next;
      return;
    }
    yield* this.#points(last, time);
    last.next = Math.max(last.next, gridAfter(time, this.#every));
    last.record = record;
  }

  pass(until: Timestamp): Iterable<T> {
    this.#isTold = true;
    if (until > this.passed) this.passed = until;
    return until <= this.#next ? none : this.#upTo(until);
  }

  end(): Iterable<T> {
    return this.#upTo(this.#latest + 1);
  }

  /** The points before `until` of every market, point by point. */
  *#upTo(until: Timestamp): Generator<T> {
    while (this.#next < until) {
      const point = this.#next;
      for (const [key, last] of this.#last) {
        if (point - last.record.time > this.#maxAge) this.#last.delete(key);
        else yield* this.#points(last, point + 1);
      }
      if (this.#last.size === 0) this.#next = Number.POSITIVE_INFINITY;
      else this.#next = point + this.#every;
    }
  }

  *#points(last: Last<T>, until: Timestamp): Generator<T> {
    const before = Math.min(until, last.record.time + this.#maxAge + 1);
    for (; last.next < before; last.next += this.#every) yield { ...last.record, time: last.next };
  }
}
