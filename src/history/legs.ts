import type { Client } from "../client/http.js";
import type { Reservation } from "../client/rate-limit.js";
import { KalshiError } from "../errors.js";
import type { Timestamp } from "../units/time.js";
import { type Answer, followAnswers } from "./answers.js";
import type { HistoryCache } from "./cache.js";
import type { Cutoffs } from "./cutoff.js";
import { Keeping } from "./keeping.js";
import type { Leg, ListLeg } from "./plan.js";
import { Range, type RangePage, type RangeProgress } from "./range.js";

/** How far the legs of a plan have been followed: what is saved to go on from. Plain data. */
export interface LegsProgress {
  /** Legs of which nothing is left. */
  readonly done: readonly number[];
  /** What is left of the legs that were begun, each cut into one range or more. */
  readonly open: Readonly<Record<number, readonly RangeProgress[]>>;
  /** Names given to chains so far. */
  readonly runs: number;
}

export const nothingFollowed: LegsProgress = { done: [], open: {}, runs: 0 };

/** One page of a leg, sifted to what was asked. */
export interface LegPage {
  /** Index in the plan. */
  readonly leg: number;
  /** The chain it belongs to: pages of one chain come in the exchange's order, chains interleave. */
  readonly run: number;
  readonly items: readonly unknown[];
  /** Answers of the exchange that it took: none for what was kept on disk. */
  readonly answers: number;
  /** When it was fetched, of what was kept on disk. */
  readonly fetched?: Timestamp | undefined;
  /** The last of its leg. */
  readonly ends: boolean;
  /** Markets that this page should tell of and does not. */
  readonly lacking: readonly string[];
  /** To be called when the rows are kept: from now on {@link Legs.progress} stands for them. */
  accept(): void;
}

export interface LegsOptions {
  /** Legs that run side by side. */
  readonly concurrency: number;
  /** Where to go on. */
  readonly progress?: LegsProgress | undefined;
  readonly cache?: HistoryCache | undefined;
  readonly cutoffs?: Cutoffs | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Requests under way, and pages that wait to be taken, which count twice: they take more memory. */
const MOST_AHEAD = 26;

const noAnswer: Answer = { items: [], lacking: [], answers: 0 };

/**
 * Pages that must be left of a range, behind the one under way, for it to be cut while more tokens wait than chains can spend: a cut costs half
 * a page that is read twice, more where rows lie otherwise than expected.
 */
const WORTH_CUTTING = 1;

/** A leg that is answered otherwise than by cursor. */
interface Other {
  readonly index: number;
  readonly run: number;
  readonly chain: AsyncGenerator<Answer>;
}

/** The chains of one leg. */
interface Open {
  readonly ranges: Map<number, Range>;
  /** What is saved of each: it lags behind the range by the pages not accepted yet. */
  readonly saved: Map<number, RangeProgress>;
}

/**
 * Follows the legs of a plan so that the exchange's token bucket, and not the way there and back, is the limit. Tokens are taken first;
 * then the chain is chosen that has most left to read, and where none is idle the older half of the largest one is split off. The slices so
 * adapt to how dense the rows lie.
 */
export class Legs {
  readonly #client: Client;
  readonly #legs: readonly Leg[];
  readonly #options: LegsOptions;
  readonly #waiting: number[];
  readonly #done: Set<number>;
  readonly #open = new Map<number, Open>();
  /** Legs of which all is read and not all accepted. */
  readonly #ending = new Map<number, Open>();
  /** Legs that are answered otherwise than by cursor, and those of them that wait to be read on. */
  readonly #others = new Map<number, Other>();
  readonly #resting = new Set<Other>();
  readonly #ready: LegPage[] = [];
  readonly #keeping: Keeping;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #runs: number;
  /** How long an answer takes, lately. */
  #roundTripMs = 100;
  #underWay = 0;
  #reserving = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;

  constructor(client: Client, legs: readonly Leg[], options: LegsOptions) {
    const { done, open, runs } = options.progress ?? nothingFollowed;
    this.#client = client;
    this.#legs = legs;
    this.#options = options;
    this.#keeping = new Keeping(options.cache, options.cutoffs ?? null);
    this.#runs = runs;
    this.#done = new Set(done);
    this.#waiting = legs.map((_, index) => index).filter((index) => !this.#done.has(index));
    this.#signal =
      options.signal === undefined ? this.#stop.signal : AbortSignal.any([options.signal, this.#stop.signal]);
    for (const [index, ranges] of Object.entries(open)) this.#resume(Number(index), ranges);
  }

  /** What the accepted pages stand for. */
  get progress(): LegsProgress {
    const open = [...this.#open, ...this.#ending].map(([leg, { saved }]) => [leg, [...saved.values()]] as const);
    return { done: [...this.#done], open: Object.fromEntries(open), runs: this.#runs };
  }

  /**
   * Pages of all legs as they arrive. Ending early ends what is under way.
   *
   * @throws what requests throw, once the pages that did arrive are taken
   */
  async *pages(): AsyncGenerator<LegPage> {
    try {
      for (;;) {
        this.#goOn();
        const next = this.#ready.shift();
        if (next !== undefined) {
          // What is kept for another time must not pile up behind a slow disk.
          await this.#keeping.hasRoom();
          yield next;
          continue;
        }
        if (this.#failure !== null) throw this.#failure.error;
        if (this.#idle()) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.#stop.abort(new Error("no more pages are wanted"));
      await Promise.allSettled([...this.#others.values()].map(({ chain }) => chain.return(undefined)));
      await this.#keeping.done();
    }
  }

  #idle(): boolean {
    const nothingOpen = this.#waiting.length === 0 && this.#open.size === 0 && this.#others.size === 0;
    return nothingOpen && this.#underWay === 0 && !this.#reserving;
  }

  /** Starts what may be started now. */
  #goOn(): void {
    if (this.#failure !== null) return;
    while (this.#open.size + this.#others.size < this.#options.concurrency && this.#waiting.length > 0)
      this.#begin(this.#waiting.shift()!);
    for (const other of this.#resting) {
      if (!this.#hasRoom()) return;
      this.#resting.delete(other);
      this.#step(other);
    }
    const candidate = this.#hasRoom() && !this.#reserving ? (this.#idleRange() ?? this.#cuttable()) : null;
    if (candidate !== null) this.#reserve(this.#costOf(candidate));
  }

  /** Waits for tokens; what for is decided when they are there. */
  #reserve(cost: number): void {
    this.#reserving = true;
    this.#client.read.reserve(cost, this.#signal).then(
      (reserved) => {
        this.#reserving = false;
        this.#spend(reserved);
        this.#goOn();
        this.#wake();
      },
      (error: unknown) => {
        this.#reserving = false;
        this.#fail(error);
      },
    );
  }

  #costOf(range: Range): number {
    return this.#client.costOf("GET", range.leg.endpoint.path);
  }

  #hasRoom(): boolean {
    return this.#underWay + 2 * this.#ready.length < MOST_AHEAD;
  }

  #begin(index: number): void {
    const leg = this.#legs[index]!;
    if (leg.kind === "list") this.#add(index, Range.whole(leg, this.#nextRun()));
    else this.#beginOther(index, leg);
  }

  #resume(index: number, ranges: readonly RangeProgress[]): void {
    const leg = this.#legs[index]!;
    if (leg.kind !== "list" || ranges.length === 0) return;
    this.#waiting.splice(this.#waiting.indexOf(index), 1);
    for (const progress of ranges) this.#add(index, Range.resumed(leg, progress));
  }

  #add(index: number, range: Range): void {
    const open: Open = this.#open.get(index) ?? { ranges: new Map(), saved: new Map() };
    open.ranges.set(range.run, range);
    open.saved.set(range.run, range.progress);
    this.#open.set(index, open);
  }

  /** The range to read on in: begun and with most left, else the first that waits; null when all are being read. */
  #idleRange(): Range | null {
    const idle = this.#ranges().filter((range) => !range.busy);
    const begun = idle.filter((range) => range.begun);
    return largest(begun) ?? begun[0] ?? idle[0] ?? null;
  }

  /** The largest of those being read, when it is worth cutting. */
  #cuttable(): Range | null {
    const busy = this.#ranges().filter((range) => range.busy && range.canSplit);
    const { available, size } = this.#client.read;
    if (available > size.capacity / 2 || this.#underWay < this.#sustained()) {
      const range = largest(busy, possible);
      if (range !== null && possible(range) >= WORTH_CUTTING) return range;
    }
    const range = largest(busy, inDoubt);
    return range !== null && this.#outlasts(pagesLeft(range)) ? range : null;
  }

  /** Whether so many pages take longer, one after the other, than the tokens for all that is left. */
  #outlasts(pages: number): boolean {
    if (this.#waiting.length > 0) return false;
    const { available, size } = this.#client.read;
    const all = this.#ranges().reduce((sum, range) => sum + pagesLeft(range), 0);
    const missing = all * this.#client.costOf("GET", "") - available;
    return (pages + 1) * this.#roundTripMs > (1000 * missing) / size.refillRate;
  }

  /** Requests under way that spend the tokens as fast as they come. */
  #sustained(): number {
    const perSecond = this.#client.read.size.refillRate / this.#client.costOf("GET", "");
    return perSecond * (this.#roundTripMs / 1000);
  }

  #ranges(): Range[] {
    return [...this.#open.values()].flatMap(({ ranges }) => [...ranges.values()]);
  }

  /** Tokens are there: now it is decided what for. */
  #spend(reserved: Reservation): void {
    const range = this.#failure !== null || !this.#hasRoom() ? null : (this.#idleRange() ?? this.#splitOff());
    if (range !== null && this.#costOf(range) <= reserved.cost) {
      this.#read(range, reserved);
      return;
    }
    reserved.release();
    // Another list than the one they were meant for, which costs more.
    if (range !== null) this.#reserve(this.#costOf(range));
  }

  #splitOff(): Range | null {
    const range = this.#cuttable();
    const older = range?.split(this.#nextRun()) ?? null;
    if (range === null || older === null) return null;
    const [index, open] = this.#homeOf(range);
    // What is saved of the younger half must end where the older one begins from the same moment on.
    const { from } = range.progress;
    open.saved.set(range.run, { ...open.saved.get(range.run)!, from });
    this.#add(index, older);
    return older;
  }

  #homeOf(range: Range): readonly [number, Open] {
    for (const entry of this.#open) if (entry[1].ranges.has(range.run)) return entry;
    throw new Error(`range ${range.run} belongs to no leg`);
  }

  #read(range: Range, reserved: Reservation): void {
    const [index] = this.#homeOf(range);
    range.busy = true;
    this.#underWay += 1;
    const sent = performance.now();
    range.fetch(this.#client, reserved, this.#signal).then(
      (page) => {
        range.busy = false;
        this.#roundTripMs += 0.1 * (performance.now() - sent - this.#roundTripMs);
        this.#arrived(index, range, page);
      },
      (error: unknown) => {
        reserved.release();
        this.#underWay -= 1;
        this.#fail(error);
      },
    );
  }

  #arrived(index: number, range: Range, page: RangePage): void {
    this.#underWay -= 1;
    const open = this.#open.get(index)!;
    if (page.next === null) open.ranges.delete(range.run);
    const ends = open.ranges.size === 0;
    if (ends) this.#open.delete(index);
    const accept = (): void => {
      // A bound that moved after the page was read holds all the same.
      if (page.next === null) open.saved.delete(range.run);
      else open.saved.set(range.run, { ...page.next, from: open.saved.get(range.run)!.from });
      if (ends) this.#finish(index);
      this.#keeping.keep(range, page);
    };
    // Until it is accepted, a leg of which nothing is left to read still stands open in what is saved.
    if (ends) this.#ending.set(index, open);
    this.#ready.push({ leg: index, run: range.run, items: page.items, answers: 1, ends, lacking: [], accept });
    this.#goOn();
    this.#wake();
  }

  #finish(index: number): void {
    this.#done.add(index);
    this.#ending.delete(index);
  }

  #beginOther(index: number, leg: Exclude<Leg, ListLeg>): void {
    const { cache, cutoffs = null } = this.#options;
    const chain = followAnswers(this.#client, leg, { cache, cutoffs, signal: this.#signal });
    const other = { index, run: this.#nextRun(), chain };
    this.#others.set(index, other);
    this.#resting.add(other);
  }

  #step(other: Other): void {
    const { index, run, chain } = other;
    this.#underWay += 1;
    chain.next().then(
      (result) => {
        this.#underWay -= 1;
        const ends = result.done === true;
        const { keep, ...answer } = ends ? noAnswer : result.value;
        if (ends) this.#others.delete(index);
        else this.#resting.add(other);
        const accept = (): void => {
          if (keep !== undefined) this.#keeping.track(keep());
          if (ends) this.#done.add(index);
        };
        this.#ready.push({ leg: index, run, ...answer, ends, accept });
        this.#goOn();
        this.#wake();
      },
      (error: unknown) => {
        this.#underWay -= 1;
        this.#fail(error);
      },
    );
  }

  #nextRun(): number {
    this.#runs += 1;
    return this.#runs;
  }

  #fail(error: unknown): void {
    const stopped = this.#options.signal?.aborted === true && !(error instanceof KalshiError);
    this.#failure ??= { error: stopped ? interrupted(error) : error };
    this.#wake();
  }
}

function largest(ranges: readonly Range[], size = pagesLeft): Range | null {
  let best: Range | null = null;
  for (const range of ranges) if (size(range) > (best === null ? 0 : size(best))) best = range;
  return best;
}

function pagesLeft({ rowsLeft, leg }: Range): number {
  return (rowsLeft ?? 0) / leg.endpoint.maxLimit;
}

function inDoubt({ rowsInDoubt, leg }: Range): number {
  return (rowsInDoubt ?? 0) / leg.endpoint.maxLimit;
}

function possible({ rowsPossible, leg }: Range): number {
  return (rowsPossible ?? 0) / leg.endpoint.maxLimit;
}

function interrupted(cause: unknown): KalshiError {
  return new KalshiError("INTERRUPTED", "interrupted", {
    hint: "what was saved so far is kept; run it again to go on",
    cause,
  });
}
