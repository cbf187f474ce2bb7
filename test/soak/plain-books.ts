import type { FrameLogLine } from "../../src/sandbox/socket/frame-log.js";

// Written apart from `src/book`, as plainly as can be, so that a mistake there does not hide here.

/** Contracts by price, as the exchange writes prices: NO levels in NO prices. */
export interface PlainBook {
  readonly yes: ReadonlyMap<string, number>;
  readonly no: ReadonlyMap<string, number>;
}

type Levels = readonly (readonly [price: string, count: string])[];

/** Hundredths of a contract. */
export function hundredths(text: string): number {
  return Math.round(Number(text) * 100);
}

export function sideOf(levels: Levels | undefined): Map<string, number> {
  return new Map((levels ?? []).map(([price, count]) => [Number(price).toFixed(4), hundredths(count)]));
}

/** The same levels in the other side's prices. */
function turned(side: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...side].map(([price, count]) => [(1 - Number(price)).toFixed(4), count]));
}

/** A book as text that is the same for the same levels. */
export function textOf({ yes, no }: PlainBook): string {
  const side = (levels: ReadonlyMap<string, number>) =>
    [...levels]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([price, count]) => `${price}×${count / 100}`)
      .join(" ");
  return `yes ${side(yes)} | no ${side(no)}`;
}

/** Where two books differ, for people to read. */
export function difference(told: PlainBook, own: PlainBook): string {
  const differing = (["yes", "no"] as const).flatMap((side) =>
    [...new Set([...told[side].keys(), ...own[side].keys()])]
      .filter((price) => told[side].get(price) !== own[side].get(price))
      .map((price) => `${side} ${price}: ${told[side].get(price) ?? 0} for ${own[side].get(price) ?? 0} hundredths`),
  );
  return differing.length > 12 ? `${differing.length} levels` : differing.join(", ");
}

/** What a frame says, as far as it matters to books. */
export interface PlainFrame {
  readonly type: string;
  readonly sid?: number;
  readonly seq?: number;
  readonly sending_ts_ms?: number;
  readonly msg?: {
    readonly market_ticker?: string;
    readonly side?: "yes" | "no";
    readonly price_dollars?: string;
    readonly delta_fp?: string;
    readonly ts_ms?: number;
    readonly ts?: string | number;
    readonly yes_dollars_fp?: Levels;
    readonly no_dollars_fp?: Levels;
  };
}

/** One change of the sandbox's own book. */
interface Change {
  /** µs of the sandbox's clock, to the millisecond as the exchange tells it. */
  readonly time: number;
  /** What tells of it carries this time: before, nobody could know. */
  toldAt: number;
  /** One level, or the whole book, null for none. */
  readonly to: { readonly side: "yes" | "no"; readonly price: string; readonly delta: number } | PlainBook | null;
}

interface History {
  readonly changes: Change[];
  /** The book before each so-many-th change. */
  readonly kept: PlainBook[];
  now: PlainBook;
  /** It was wiped, and nobody has been told yet. */
  isUntold: boolean;
}

const KEEP_EVERY = 256;
/** µs. */
const KNOWN_BEFORE = 1_000_000;
const EMPTY: PlainBook = { yes: new Map(), no: new Map() };

/** The sandbox's own books over time, out of the changes that it wrote down; known of each market once it has been told whole. */
export class PlainBooks {
  readonly #histories = new Map<string, History>();
  readonly #keepsHistory: boolean;
  readonly #useYesPrice: boolean;
  #known = new Set<string>();

  /**
   * @param keepsHistory - false knows every book only as it stands
   * @param useYesPrice - whether frames have NO levels in YES prices
   */
  constructor(keepsHistory = true, useYesPrice = false) {
    this.#keepsHistory = keepsHistory;
    this.#useYesPrice = useYesPrice;
  }

  /** Another process has begun, with books of its own that are not known yet. */
  restarted(): void {
    this.#known = new Set();
  }

  take(line: FrameLogLine): void {
    if ("frame" in line) {
      const frame = JSON.parse(line.frame) as PlainFrame;
      if (frame.type === "orderbook_snapshot") this.#told(frame, line.time);
      return;
    }
    if (!this.#known.has(line.ticker)) return;
    const history = this.#histories.get(line.ticker)!;
    const time = Math.floor(line.time / 1000) * 1000;
    if ("wiped" in line) {
      this.#add(history, { time, toldAt: time, to: null });
      history.isUntold = true;
      return;
    }
    const { side, price, delta } = line;
    this.#add(history, { time, toldAt: time, to: { side, price, delta: hundredths(delta) } });
  }

  /** A market's book as it stands; null where it is not known. */
  last(ticker: string): PlainBook | null {
    return this.#known.has(ticker) ? this.#histories.get(ticker)!.now : null;
  }

  /** Every state that a book can be said to have at a moment: one, or also the one before where the new one is told with a later time. */
  at(ticker: string, time: number): readonly PlainBook[] {
    const history = this.#histories.get(ticker);
    if (history === undefined) return [];
    const { changes } = history;
    let last = changes.length - 1;
    while (last >= 0 && changes[last]!.time > time) last -= 1;
    const states: PlainBook[] = [];
    for (; last >= 0; last -= 1) {
      states.push(after(history, last));
      if (changes[last]!.toldAt <= time) break;
    }
    return states;
  }

  #told({ msg, sending_ts_ms = 0 }: PlainFrame, now: number): void {
    const ticker = msg!.market_ticker!;
    const no = sideOf(msg!.no_dollars_fp);
    const told = { yes: sideOf(msg!.yes_dollars_fp), no: this.#useYesPrice ? turned(no) : no };
    const history = this.#histories.get(ticker) ?? { changes: [], kept: [], now: EMPTY, isUntold: false };
    this.#histories.set(ticker, history);
    if (!this.#known.has(ticker)) {
      this.#known.add(ticker);
      // What is told at a moment has been so for a while, and deltas told behind it may be a little older than it.
      this.#add(history, {
        time: Math.floor(now / 1000) * 1000 - KNOWN_BEFORE,
        toldAt: sending_ts_ms * 1000,
        to: told,
      });
      return;
    }
    const [own, said] = [textOf(history.now), textOf(told)];
    if (own !== said) throw new Error(`the sandbox tells of ${ticker} ${said} where its own book has ${own}`);
    if (history.isUntold && this.#keepsHistory) history.changes.at(-1)!.toldAt = sending_ts_ms * 1000;
    history.isUntold = false;
  }

  #add(history: History, change: Change): void {
    if (this.#keepsHistory) {
      if (history.changes.length % KEEP_EVERY === 0) history.kept.push(copy(history.now));
      history.changes.push(change);
    }
    history.now = changed(history.now, change);
  }
}

function after({ kept, changes }: History, last: number): PlainBook {
  const from = Math.floor(last / KEEP_EVERY);
  let book = copy(kept[from]!);
  for (let at = from * KEEP_EVERY; at <= last; at += 1) book = changed(book, changes[at]!);
  return book;
}

/** The book after a change; one of a level is made in it. */
function changed(book: PlainBook, { to }: Change): PlainBook {
  if (to === null) return copy(EMPTY);
  if ("yes" in to) return copy(to);
  const side = book[to.side] as Map<string, number>;
  changeLevel(side, to.price, to.delta);
  return book;
}

/** Changes one level and gives what is there then. */
export function changeLevel(side: Map<string, number>, price: string, delta: number): number {
  const key = Number(price).toFixed(4);
  const count = (side.get(key) ?? 0) + delta;
  if (count < 0) throw new Error(`${delta / 100} from a level at ${price} that had ${(side.get(key) ?? 0) / 100}`);
  if (count === 0) side.delete(key);
  else side.set(key, count);
  return count;
}

function copy({ yes, no }: PlainBook): PlainBook {
  return { yes: new Map(yes), no: new Map(no) };
}
