import type { LifecycleMessage } from "../exchange/channel.js";
import type { Timestamp } from "../units/time.js";

/** What is recorded: markets by name, and all markets of events and series, those to come included. */
export interface Subject {
  readonly tickers: readonly string[];
  readonly events: readonly string[];
  readonly series: readonly string[];
}

/** A market as the list of those not closed yet has it. */
export interface ListedMarket {
  readonly ticker: string;
  readonly event: string;
  readonly status: string;
  /** Exchange time. */
  readonly closeTime: Timestamp;
}

/** What the lifecycle channel tells of a market, as far as it decides about recording. */
export type MarketNews = Pick<LifecycleMessage, "ticker" | "event_type" | "event_ticker" | "close_time">;

/** One look at the markets that are not closed. */
export interface Look {
  /** Local time at which it was asked for. */
  readonly askedAt: Timestamp;
  /** The exchange's time at which it was asked for: what closes later is in it. */
  readonly exchangeTime: Timestamp;
  readonly markets: readonly ListedMarket[];
}

/** How long a market that has ended may be quiet before it is dropped, in microseconds of local time. */
export interface Patience {
  readonly settled: number;
  /** Not settled yet: it may be opened again. */
  readonly closed: number;
}

interface Created {
  readonly ticker: string;
  readonly closeTime: Timestamp;
}

interface Known {
  readonly event: string | null;
  closeTime: Timestamp;
  readonly learnedAt: Timestamp;
  /** Looks in a row that did not show it. */
  absences: number;
  end: "closed" | "settled" | null;
  /** Its end, or the last frame behind that. */
  quietSince: Timestamp;
}

/** A list may be this old when it is answered; a market is not missed in one that was asked for sooner after it was heard of. */
const LIST_AGE = 30_000_000;
/** Of others' events and of markets dropped, so many are remembered at most. */
const MOST_REMEMBERED = 20_000;
const ended: ReadonlyMap<string, "closed" | "settled"> = new Map([
  ["closed", "closed"],
  ["determined", "closed"],
  ["disputed", "closed"],
  ["amended", "closed"],
  ["finalized", "settled"],
]);

/**
 * Which markets are to be recorded, decided from what the lifecycle channel tells and what REST lists. Knows no clock and asks nothing.
 *
 * A market of the subject is wanted from the moment it is heard of, before it opens. It ends when the channel says so, when REST gives it a
 * status past its close, or when a list asked for after its close lacks it; one that should be open has to be lacking twice. An ended one is
 * dropped when nothing has come of it for a while. One that is opened again is wanted again. A named market is dropped only when settled.
 *
 * A new market of an event that nobody has told about waits among the {@link doubts} until it is told of which series the event is.
 */
export class WantedMarkets {
  readonly #subject: Subject;
  readonly #patience: Patience;
  readonly #markets = new Map<string, Known>();
  /** Of the subject's series. */
  readonly #events = new Set<string>();
  readonly #others = new Set<string>();
  /** Markets created, by event, until it is known of which series that is. */
  readonly #waiting = new Map<string, Created[]>();
  /** By ticker the event, of markets that were dropped. */
  readonly #dropped = new Map<string, string | null>();
  #added: string[] = [];
  /** Those with an end, which alone can be dropped. */
  readonly #ending = new Set<string>();

  constructor(subject: Subject, patience: Patience, at: Timestamp) {
    this.#subject = subject;
    this.#patience = patience;
    for (const ticker of subject.tickers) this.#add(ticker, null, Number.POSITIVE_INFINITY, at);
  }

  get tickers(): readonly string[] {
    return [...this.#markets.keys()];
  }

  /** Events that new markets are of, and of which nobody has told the series. Telling it, or forgetting them, ends the doubt. */
  get doubts(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /** Nothing can be found out about an event: what is of it after all will be in a look. */
  forget(event: string): void {
    this.#waiting.delete(event);
  }

  /** The lifecycle channel has told something of a market. */
  tellMarket(news: MarketNews, at: Timestamp): void {
    const known = this.#markets.get(news.ticker);
    if (known !== undefined) this.#change(known, news, at);
    else if (news.event_type === "created") this.#created(news, at);
    else if (isReopening(news.event_type)) this.#reopened(news, at);
  }

  /** It is known now of which series an event is. */
  tellEvent(event: string, series: string | null, at: Timestamp): void {
    this.#placed(event, series !== null && this.#subject.series.includes(series), at);
  }

  /** Takes a look at the markets that are not closed. */
  look({ askedAt, exchangeTime, markets }: Look): void {
    const listed = new Map(markets.map((market) => [market.ticker, market]));
    for (const { ticker, event, closeTime, status } of markets) {
      this.#placed(event, true, askedAt);
      if (!this.#markets.has(ticker) && !ended.has(status)) this.#add(ticker, event, closeTime, askedAt);
    }
    for (const [ticker, known] of this.#markets) {
      const market = listed.get(ticker);
      if (market !== undefined) this.#seen(ticker, known, market, askedAt);
      else if (!this.#subject.tickers.includes(ticker)) this.#absent(ticker, known, exchangeTime, askedAt);
    }
  }

  /** A frame of a market has come. Cheap for those that have not ended. */
  heard(ticker: string, at: Timestamp): void {
    if (this.#ending.size > 0 && this.#ending.has(ticker)) this.#markets.get(ticker)!.quietSince = at;
  }

  /** What is to be subscribed to and what no longer, since the last time. */
  changes(at: Timestamp): { readonly add: readonly string[]; readonly drop: readonly string[] } {
    const drop: string[] = [];
    for (const ticker of this.#ending) {
      const { end, quietSince, event } = this.#markets.get(ticker)!;
      if (end === null || at - quietSince < this.#patience[end]) continue;
      if (end === "closed" && this.#subject.tickers.includes(ticker)) continue;
      drop.push(ticker);
      this.#markets.delete(ticker);
      this.#ending.delete(ticker);
      this.#dropped.set(ticker, event);
      limit(this.#dropped);
    }
    const gone = new Set(drop);
    const add = this.#added.filter((ticker) => !gone.has(ticker));
    const never = new Set(this.#added.filter((ticker) => gone.has(ticker)));
    this.#added = [];
    return { add, drop: drop.filter((ticker) => !never.has(ticker)) };
  }

  #created({ ticker, event_ticker: event, close_time }: MarketNews, at: Timestamp): void {
    if (event === null || this.#others.has(event)) return;
    const created = { ticker, closeTime: close_time ?? Number.POSITIVE_INFINITY };
    if (this.#isOwn(event)) this.#add(ticker, event, created.closeTime, at);
    else if (this.#subject.series.length > 0) {
      const waiting = this.#waiting.get(event) ?? [];
      waiting.push(created);
      this.#waiting.set(event, waiting);
      limit(this.#waiting);
    }
  }

  #isOwn(event: string): boolean {
    return this.#events.has(event) || this.#subject.events.includes(event);
  }

  /** It is known now whether an event is of one of the series. */
  #placed(event: string, isOfSeries: boolean, at: Timestamp): void {
    if (isOfSeries) {
      this.#events.add(event);
      limit(this.#events);
    } else if (!this.#isOwn(event)) {
      this.#others.add(event);
      limit(this.#others);
    }
    const waiting = this.#waiting.get(event);
    if (waiting === undefined) return;
    this.#waiting.delete(event);
    if (!isOfSeries) return;
    for (const { ticker, closeTime } of waiting) {
      if (!this.#markets.has(ticker)) this.#add(ticker, event, closeTime, at);
    }
  }

  #reopened({ ticker, close_time }: MarketNews, at: Timestamp): void {
    const event = this.#dropped.get(ticker);
    if (event === undefined) return;
    this.#dropped.delete(ticker);
    this.#add(ticker, event, close_time ?? Number.POSITIVE_INFINITY, at);
  }

  #change(known: Known, { event_type: what, ticker, close_time }: MarketNews, at: Timestamp): void {
    if (close_time !== null) known.closeTime = close_time;
    if (what === "settled") this.#end(ticker, known, "settled", at);
    else if (what === "determined") this.#end(ticker, known, "closed", at);
    else if (isReopening(what) && known.end !== "settled") this.#live(ticker, known);
  }

  #seen(ticker: string, known: Known, market: ListedMarket, at: Timestamp): void {
    known.closeTime = market.closeTime;
    const end = ended.get(market.status);
    if (end !== undefined) this.#end(ticker, known, end, at);
    // An older list may still have it as it was.
    else if (known.end === null || (known.end === "closed" && known.quietSince < at)) this.#live(ticker, known);
  }

  #absent(ticker: string, known: Known, exchangeTime: Timestamp, askedAt: Timestamp): void {
    if (askedAt - known.learnedAt < LIST_AGE && known.closeTime > exchangeTime) return;
    known.absences += 1;
    if (known.closeTime <= exchangeTime || known.absences >= 2) this.#end(ticker, known, "closed", askedAt);
  }

  #end(ticker: string, known: Known, end: "closed" | "settled", at: Timestamp): void {
    if (known.end === end || known.end === "settled") return;
    if (known.end === null) known.quietSince = at;
    known.end = end;
    this.#ending.add(ticker);
  }

  #live(ticker: string, known: Known): void {
    known.end = null;
    known.absences = 0;
    this.#ending.delete(ticker);
  }

  #add(ticker: string, event: string | null, closeTime: Timestamp, at: Timestamp): void {
    this.#dropped.delete(ticker);
    this.#markets.set(ticker, { event, closeTime, learnedAt: at, absences: 0, end: null, quietSince: at });
    this.#added.push(ticker);
  }
}

function isReopening(what: string): boolean {
  return what === "activated" || what === "close_date_updated";
}

/** Forgets the oldest beyond a number: over weeks there are millions. */
function limit(memory: Set<string> | Map<string, unknown>): void {
  if (memory.size > MOST_REMEMBERED) memory.delete(memory.keys().next().value!);
}
