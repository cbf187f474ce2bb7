import { MILLISECOND, type Timestamp } from "../../units/time.js";
import { Random } from "../world/random.js";
import { type Fields, numberIn, timeAt, wholeFrom } from "./fault-fields.js";

/** Which of the requests or frames that fit a rule meet its fault. All conditions hold together. */
export interface Schedule {
  /** Share of them. */
  readonly rate: number;
  /** So many times at most. */
  readonly count: number;
  /** The first so many are left alone. */
  readonly after: number;
  /** Of those after them, only each so-many-th. */
  readonly every: number;
  /** At most once in each span of so many milliseconds of the sandbox's clock. */
  readonly everyMs: number | null;
  /** Once struck, so many in a row. */
  readonly burst: number;
  /** On the sandbox's clock: not before, and no longer than until. */
  readonly from: Timestamp | null;
  readonly until: Timestamp | null;
}

export const scheduleFields = ["rate", "count", "after", "every", "every_ms", "burst", "from_time", "until"] as const;

/** @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME` */
export function readSchedule(at: string, fields: Fields, defaultCount = Number.POSITIVE_INFINITY): Schedule {
  const { rate, count, after, every, every_ms, burst, from_time, until } = fields;
  return {
    rate: numberIn(`${at}.rate`, rate ?? 1, 0, 1),
    count: count === undefined ? defaultCount : wholeFrom(`${at}.count`, count, 0),
    after: wholeFrom(`${at}.after`, after ?? 0, 0),
    every: wholeFrom(`${at}.every`, every ?? 1, 1),
    everyMs: every_ms === undefined ? null : numberIn(`${at}.every_ms`, every_ms, 1, 86_400_000),
    burst: wholeFrom(`${at}.burst`, burst ?? 1, 1),
    from: from_time === undefined ? null : timeAt(`${at}.from_time`, from_time),
    until: until === undefined ? null : timeAt(`${at}.until`, until),
  };
}

/** A schedule at work: its own chance, and its own count of what fitted. */
export class Strikes {
  readonly #schedule: Schedule;
  readonly #chance: Random;
  #left = 0;
  #last: Timestamp | null = null;
  matched = 0;
  injected = 0;

  constructor(schedule: Schedule, name: string) {
    this.#schedule = schedule;
    this.#chance = new Random(name);
  }

  /** Whether the next one that fits is struck. Draws for every one, so that the n-th depends on nothing but the seed and n. */
  isHit(now: Timestamp): boolean {
    this.matched += 1;
    const drawn = this.#chance.next() < this.#schedule.rate;
    if (this.injected >= this.#schedule.count) return false;
    if (this.#left > 0) {
      this.#left -= 1;
      return true;
    }
    if (!drawn || !this.#isDue(now)) return false;
    this.#left = this.#schedule.burst - 1;
    this.#last = now;
    return true;
  }

  #isDue(now: Timestamp): boolean {
    const { after, every, everyMs, from, until } = this.#schedule;
    if (this.matched <= after || (this.matched - after) % every !== 0) return false;
    if ((from !== null && now < from) || (until !== null && now >= until)) return false;
    if (everyMs === null || this.#last === null) return true;
    const span = everyMs * MILLISECOND;
    return Math.floor(now / span) > Math.floor(this.#last / span);
  }
}
