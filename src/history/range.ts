import type { Client, QueryValues } from "../client/http.js";
import { CursorGuard, fetchPage, keyOf, type Page } from "../client/pages.js";
import type { Reservation } from "../client/rate-limit.js";
import { KalshiError } from "../errors.js";
import { asObject, type WireObject } from "../exchange/field.js";
import { parseTime, SECOND, type Timestamp, toSeconds } from "../units/time.js";
import type { Keep, ListLeg } from "./plan.js";

/** Where a range of a list stands: enough to go on behind what it has given. Plain data, saved with a download. */
export interface RangeProgress {
  /** Names the chain: its pages belong to one another. */
  readonly run: number;
  /** Time slice [from, to); null is unbounded. */
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
  /** The filters its cursor was made with: they must stay the same while paging. */
  readonly query: QueryValues;
  /** "" when nothing is read yet. */
  readonly cursor: string;
  readonly firstKey: string | null;
  /** Time of the last row read. */
  readonly at: Timestamp | null;
  /** False once its rows were seen not to come newest first: it must be read to its end then. */
  readonly ordered: boolean;
}

/** One page of a range, sifted to its slice and to what was asked. */
export interface RangePage {
  readonly items: readonly unknown[];
  /** The same as the exchange sent them. */
  readonly raw: readonly unknown[];
  /** The span that is completely known now, adjoining the one before; null where rows have no order in time. */
  readonly covered: { readonly from: Timestamp; readonly to: Timestamp } | null;
  /** Rows that should come newest first do not: nothing said of covered spans is to be trusted. */
  readonly disordered: boolean;
  /** What to save to go on behind this page; null after the last. */
  readonly next: RangeProgress | null;
}

/** What the ranges of a leg have read together: rows, and the microseconds that they span. */
interface Seen {
  rows: number;
  time: number;
  /** The exchange keeps to the bounds it is asked with. */
  bounded: boolean;
}

/** Nothing is older on this exchange. */
const EARLIEST: Timestamp = Date.UTC(2021, 5, 1) * 1_000;

/** Pages after which a burst that is being read is cut. */
const PAGES_OF_A_BURST = 4;

/** Part of a page that is read twice where a chain is to end with the page under way, since rows do not lie quite evenly. */
const OVERLAP = 0.12;

/** Part of a page by which one estimates wrongly, more or less; and what must be expected to be left where nothing was read yet. */
const DOUBT = 0.05;
const ROUGHLY = 0.25;

const nothingSeen = (): Seen => ({ rows: 0, time: 0, bounded: true });

/** Pages for which the mean of a leg stands beside what one of its chains has read. */
const PAGES_OF_A_MEAN = 4;

/** How much more there is likely to be of an unbounded list than what was read of it. */
const LIKELY_REST = 8;

/** Chains that start over at one place again and again have lost their exchange. */
const MOST_RESTARTS = 3;

/**
 * One cursor chain over a time slice of a list that comes newest first. While it is being read, its older half can be split off as a range
 * of its own: that moves the bound at which this one stops, never the filters of its cursor. Lists without an order in time are one range
 * that cannot be split.
 *
 * @see API: 3.3 Pages
 */
export class Range {
  readonly leg: ListLeg;
  readonly run: number;
  readonly #to: Timestamp | null;
  #from: Timestamp | null;
  #query: QueryValues;
  #cursor: string;
  #guard: CursorGuard;
  /** Time of the last row of this chain, since it was begun or gone on with; null before its first row. */
  #at: Timestamp | null = null;
  /** The oldest row ever read of this slice. */
  #reached: Timestamp | null;
  /** Rows since then, and the time of the first one. */
  #rows = 0;
  #first: Timestamp | null = null;
  /** The bound below which nothing is known yet. */
  #knownFrom: Timestamp | null;
  /** Rows per microsecond, as far as one can tell. */
  #density: number | null;
  /** The same in its last page. */
  #lately = 0;
  #ordered: boolean;
  #restarts = 0;
  #lastKeys: ReadonlySet<string> = new Set();
  /** Gone on with from a saved cursor, so that its start was not seen here. */
  readonly resumed: boolean;
  /** A request is under way. */
  busy = false;

  /** What the ranges of the leg have read together. */
  readonly #seen: Seen;

  private constructor(leg: ListLeg, progress: RangeProgress, density: number | null, seen: Seen) {
    this.leg = leg;
    this.#seen = seen;
    this.run = progress.run;
    this.#from = progress.from;
    this.#to = progress.to;
    this.#query = progress.query;
    this.#cursor = progress.cursor;
    this.#guard = new CursorGuard(leg.endpoint, progress.firstKey);
    this.#reached = progress.at;
    // Rows of the same microsecond as the last one may lie before the saved cursor.
    this.#knownFrom = progress.at ?? progress.to;
    this.#density = density;
    this.resumed = this.begun;
    this.#ordered = progress.ordered;
  }

  /** The whole of a leg. */
  static whole(leg: ListLeg, run: number): Range {
    const ordered = isSliceable(leg);
    const [from, to] = ordered ? [leg.keep!.from, leg.keep!.to] : [null, null];
    const { expected } = leg;
    const density = expected?.rows === undefined ? null : expected.rows / Math.max(1, expected.to - expected.from);
    const start = { run, from, to, query: leg.query, cursor: "", firstKey: null, at: null, ordered };
    return new Range(leg, start, density, nothingSeen());
  }

  /** Where an earlier run stopped. */
  static resumed(leg: ListLeg, progress: RangeProgress): Range {
    return new Range(leg, progress, null, nothingSeen());
  }

  get begun(): boolean {
    return this.#reached !== null || this.#cursor !== "";
  }

  get progress(): RangeProgress {
    return {
      run: this.run,
      from: this.#from,
      to: this.#to,
      query: this.#query,
      cursor: this.#cursor,
      firstKey: this.#guard.firstKey,
      at: this.#reached,
      ordered: this.#ordered,
    };
  }

  /** Rows that are probably left, those of a request under way not counted; null when one cannot tell. */
  get rowsLeft(): number | null {
    const left = this.#left();
    return left === null ? null : Math.max(0, left);
  }

  /** The same where rows lie a little denser than expected: above 0 a request that is to be the last may well not be it. */
  get rowsInDoubt(): number | null {
    const left = this.#left();
    // Before anything was read the expectation is a rough one.
    const doubt = this.#seen.rows === 0 ? -ROUGHLY : DOUBT;
    return left === null ? null : left + doubt * this.leg.endpoint.maxLimit;
  }

  /** Below 0 when the request under way has room for more. */
  #left(): number | null {
    if (this.#density === null || !this.#ordered) return null;
    const time = Math.max(0, this.#top() - this.#bottom());
    const { maxLimit } = this.leg.endpoint;
    // A burst goes on for another page, as far as anybody knows.
    const burst = Math.max(0, this.#lately - this.#density) * Math.min(time, maxLimit / this.#lately);
    const left = this.#density * time + (this.#lately > 0 ? burst : 0);
    return this.busy ? left - maxLimit : left;
  }

  /** The same where rows may lie as dense as in the rest of the leg. */
  get rowsPossible(): number | null {
    const left = this.rowsLeft;
    if (left === null || this.#seen.time === 0) return left;
    const densest = Math.max(this.#lately, this.#seen.rows / this.#seen.time);
    const possible = densest * Math.max(0, this.#top() - this.#bottom());
    return Math.max(left, this.busy ? possible - this.leg.endpoint.maxLimit : possible);
  }

  /** Whether there are bounds between which its older half can be split off. */
  get canSplit(): boolean {
    return this.#ordered && this.#seen.bounded && this.#middle() !== null;
  }

  /**
   * Splits off the older half of what is left; null where the seconds of its bounds are too coarse.
   *
   * @param run - name of the new chain
   */
  split(run: number): Range | null {
    const bound = this.#middle();
    if (bound === null) return null;
    const query = { ...this.leg.query, max_ts: toSeconds(bound) + 1 };
    const older = { run, from: this.#from, to: bound, query, cursor: "", firstKey: null, at: null, ordered: true };
    this.#from = bound;
    return new Range(this.leg, older, this.#density, this.#seen);
  }

  /**
   * Reads the next page.
   *
   * @throws KalshiError `CURSOR_REPEATED`, `PAGES_ENDLESS` when it was begun again in vain, `BAD_RECORD`, and what requests throw
   */
  async fetch(client: Client, reserved: Reservation | undefined, signal: AbortSignal): Promise<RangePage> {
    const { endpoint, keep } = this.leg;
    const cursor = this.#cursor;
    const options = { cursor, reserved, signal };
    const page = stamped(this.leg, await fetchPage(client, endpoint, this.#query, options));
    try {
      this.#guard.check(cursor, page);
    } catch (error) {
      if (!this.#beginAgain(error)) throw error;
      return { items: [], raw: [], covered: null, disordered: false, next: this.progress };
    }
    this.#cursor = page.cursor;
    const ended = page.cursor === "";
    if (!isSliceable(this.leg)) {
      const items = keep === null ? page.items : sift(page.items, keep);
      return { items, raw: page.items, covered: null, disordered: false, next: ended ? null : this.progress };
    }
    return this.#readInOrder(page.items, ended);
  }

  #readInOrder(items: readonly unknown[], ended: boolean): RangePage {
    const times = items.map((item) => timeOf(item, this.leg));
    this.#watch(items, times);
    const stop = this.#from;
    const kept = sift(items, { ...this.leg.keep!, from: stop, to: this.#to });
    const done = ended || (this.#ordered && stop !== null && this.#reached !== null && this.#reached < stop);
    const covered = this.#cover(done);
    return { items: kept, raw: items, covered, disordered: !this.#ordered, next: done ? null : this.progress };
  }

  /** Learns order, position and density from a page. */
  #watch(items: readonly unknown[], times: readonly (Timestamp | null)[]): void {
    const before = this.#at;
    const keys = new Set<string>();
    let fresh = 0;
    for (const [index, time] of times.entries()) {
      const key = keyOf(this.leg.endpoint, items[index]);
      if (key !== null) keys.add(key);
      // Rows of the page before may come once more when others appeared above them.
      if (key !== null && this.#lastKeys.has(key)) continue;
      if (time === null || (this.#at !== null && time > this.#at)) this.#ordered = false;
      else this.#at = time;
      if (time !== null) this.#first ??= time;
      fresh += 1;
    }
    // An empty page between them does not hide that rows come again.
    if (items.length > 0) this.#lastKeys = keys;
    if (this.#at === null) return;
    // Asked with a bound of whole seconds, an answer far above it did not keep to it: more chains would all read the same then.
    if (this.#to !== null && this.#first! > this.#to + 2 * SECOND) this.#seen.bounded = false;
    this.#seen.rows += fresh;
    const time = (before ?? this.#first!) - this.#at;
    this.#seen.time += Math.max(0, time);
    this.#lately = fresh / Math.max(1, time);
    if (this.#reached === null || this.#at < this.#reached) {
      this.#reached = this.#at;
      this.#restarts = 0;
    }
    this.#rows += fresh;
    if (this.#rows > 1) this.#density = this.#likelyDensity(this.#first! - this.#at);
  }

  /**
   * Of all that this chain has read in that time, not of its last page alone: that may have been a burst, or a night. While it has read little,
   * the rest of the leg counts more.
   */
  #likelyDensity(time: number): number {
    const { rows, time: elsewhere } = this.#seen;
    const others = rows > 0 && elsewhere > 0 ? PAGES_OF_A_MEAN * this.leg.endpoint.maxLimit : 0;
    return (this.#rows + others) / Math.max(1, time + (others === 0 ? 0 : (others * elsewhere) / rows));
  }

  #cover(done: boolean): RangePage["covered"] {
    if (!this.#ordered || (this.#reached === null && !done)) return null;
    const to = this.#knownFrom ?? Number.POSITIVE_INFINITY;
    const bottom = this.#from ?? Number.NEGATIVE_INFINITY;
    // A page that ends within the microsecond in which it began makes nothing more known; its rows are told of all the same.
    const from = Math.min(to, done ? bottom : Math.max(bottom, this.#reached! + 1));
    this.#knownFrom = from;
    return { from, to };
  }

  /**
   * An exchange that has lost the cursor is asked by time instead, from the last row on, or else from the start of the range: rows that come
   * again are merged by key. False where that was tried in vain.
   */
  #beginAgain(error: unknown): boolean {
    const lost = error instanceof KalshiError && (error.code === "CURSOR_REPEATED" || error.code === "PAGES_ENDLESS");
    if (!lost || this.#restarts >= MOST_RESTARTS) return false;
    this.#restarts += 1;
    const top = this.#ordered ? (this.#reached ?? this.#to) : this.#to;
    const sliced = isSliceable(this.leg) && top !== null;
    this.#query = sliced ? { ...this.leg.query, max_ts: toSeconds(top) + 2 } : this.leg.query;
    this.#cursor = "";
    this.#guard = new CursorGuard(this.leg.endpoint, null);
    // The rows of the last second come again now, which is no disorder.
    this.#at = null;
    this.#first = null;
    this.#rows = 0;
    return true;
  }

  /** The time that halves what is left, as far as one can tell. */
  #middle(): Timestamp | null {
    if (this.#density === null) return null;
    const limit = this.leg.endpoint.maxLimit;
    const densest = Math.max(this.#density, this.#lately);
    const page = limit / densest;
    const top = this.#top() - (this.busy ? page : 0);
    const left = top - this.#bottom();
    // The last page goes to the new chain as a whole, so that nothing is left to the one whose request is under way.
    const younger = left <= (1 - OVERLAP) * page ? -OVERLAP * page : left / 2;
    // A burst at the top may go on for long or end at once: the cut lies a few of its pages behind.
    const middle = top - (densest > 4 * this.#density ? Math.min(younger, PAGES_OF_A_BURST * page) : younger);
    // Bounds of a request are whole seconds.
    const bound = Math.round(middle / SECOND) * SECOND;
    return bound > this.#bottom() + SECOND && bound < this.#top() - SECOND ? bound : null;
  }

  #top(): Timestamp {
    const top = this.#reached ?? this.leg.expected?.to ?? Date.now() * 1_000;
    return this.#to === null ? top : Math.min(this.#to, top);
  }

  /** The oldest time at which rows may be left. Where nobody knows, some times the span that was read already. */
  #bottom(): Timestamp {
    const { expected } = this.leg;
    if (expected !== undefined) return Math.max(this.#from ?? EARLIEST, expected.from);
    if (this.#from !== null) return this.#from;
    const top = this.#top();
    return this.#first === null ? top : Math.max(EARLIEST, top - LIKELY_REST * (this.#first - top));
  }
}

/** Whether a leg can be cut by time: its rows come newest first by the time that its filters bound. */
export function isSliceable({ endpoint, keep }: ListLeg): boolean {
  return keep !== null && endpoint.descendsBy !== undefined && keep.field === endpoint.descendsBy;
}

function timeOf(item: unknown, leg: ListLeg): Timestamp | null {
  const value = asObject("record", item)[leg.keep!.field];
  return typeof value === "string" ? parseTime(value) : null;
}

/** Own records alone are stamped, which are never kept for another time. */
function stamped({ stamp }: ListLeg, page: Page): Page {
  if (stamp === undefined) return page;
  return { ...page, items: page.items.map((item) => ({ ...asObject("record", item), ...stamp })) };
}

/** Rows that are wanted. */
export function sift(items: readonly unknown[], keep: Keep): readonly unknown[] {
  const wanted = keep.tickers === null ? null : new Set(keep.tickers);
  return items.filter((item) => {
    const object = asObject("record", item);
    if (wanted !== null && !wanted.has(String(object.ticker))) return false;
    return keep.from === null && keep.to === null ? true : within(object, keep);
  });
}

/** A record whose time is missing is kept: its parser decides whether it may be. */
function within(object: WireObject, keep: Keep): boolean {
  const value = object[keep.field];
  if (typeof value !== "string") return true;
  const time = parseTime(value);
  return (keep.from === null || time >= keep.from) && (keep.to === null || time < keep.to);
}
