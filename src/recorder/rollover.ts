import { setTimeout as delay } from "node:timers/promises";
import type { BookEvent, LifecycleEvent } from "../book/event.js";
import type { Client } from "../client/http.js";
import { pages } from "../client/pages.js";
import { KalshiError, messageOf } from "../errors.js";
import { liveMarkets, parseMarket } from "../exchange/market.js";
import { getEvent } from "../exchange/operations/events.js";
import { requireEvent, requireSeries } from "../history/resolve.js";
import { type Timestamp, toSeconds } from "../units/time.js";
import { type ListedMarket, type Patience, type Subject, WantedMarkets } from "./wanted.js";

export interface RolloverOptions {
  readonly client: Client;
  readonly subject: Subject;
  /** How often the open markets are looked at, for what the channel did not tell. Default a minute. */
  readonly lookMs?: number | undefined;
  /** The exchange's present. */
  readonly exchangeTime: () => Promise<Timestamp>;
  /** Local time, as frames are stamped with. */
  readonly now: () => Timestamp;
  /** Default half a minute when settled, ten minutes when merely closed. */
  readonly patience?: Patience | undefined;
  /** Markets have come or gone. */
  readonly onChanges: (changes: { readonly add: readonly string[]; readonly drop: readonly string[] }) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The channel that tells of new markets and of ends; combos have one of their own, and are found by looks. */
export const LIFECYCLE = "market_lifecycle_v2";

const PATIENCE: Patience = { settled: 30_000_000, closed: 600_000_000 };
/** How often it is seen to that ended markets go. */
const TICK_MS = 1_000;
/** Looks that something gives cause for are no nearer to each other than this. */
const LEAST_LOOK_MS = 1_000;
/** A market may be known to the channel before REST knows its event. */
const DOUBT_TRIES = 4;
const DOUBT_MS = 500;

/**
 * Keeps up with the markets of series and events: hears of new ones on the lifecycle channel, and looks at REST's list of those not closed now
 * and then, so that a message missed costs only until the next look. A look is one request per thousand markets, 10 tokens.
 */
export class Rollover {
  /** Markets that have come and gone since the beginning. */
  readonly counts = { joined: 0, left: 0 };
  /** Why the last look failed, or null. */
  problem: KalshiError | null = null;
  readonly #options: RolloverOptions;
  readonly #wanted: WantedMarkets;
  readonly #stop = new AbortController();
  #apply: NodeJS.Immediate | null = null;
  #tick: NodeJS.Timeout | null = null;
  #next: NodeJS.Timeout | null = null;
  #lookedAt = performance.now();
  #looking: Promise<void> | null = null;
  #isLookDue = false;
  #asking: Promise<void> | null = null;

  /**
   * Looks for the markets of the subject as they are now.
   *
   * @throws KalshiError `SERIES_NOT_FOUND`, `EVENT_NOT_FOUND`, `MARKET_NOT_FOUND` where all markets of events have ended, and what the client
   * throws
   */
  static async open(options: RolloverOptions): Promise<Rollover> {
    const rollover = new Rollover(options);
    const { client, subject, signal } = options;
    const found = await rollover.#look();
    await Promise.all([
      ...subject.series.filter((one) => !found.has(one)).map((one) => requireSeries(client, one, signal)),
      ...subject.events.filter((one) => !found.has(one)).map((one) => requireEvent(client, one, signal)),
    ]);
    rollover.#wanted.changes(options.now());
    // A series brings forth more; events and markets that have ended do not.
    if (rollover.tickers.length === 0 && subject.series.length === 0) throw nothingOpen(subject);
    return rollover;
  }

  private constructor(options: RolloverOptions) {
    this.#options = options;
    this.#wanted = new WantedMarkets(options.subject, options.patience ?? PATIENCE, options.now());
    const { signal } = options;
    if (signal !== undefined) signal.addEventListener("abort", () => this.#stop.abort(), { once: true });
  }

  /** Markets wanted now. */
  get tickers(): readonly string[] {
    return this.#wanted.tickers;
  }

  /** Begins to look, and to tell of changes. */
  start(): void {
    this.#tick = setInterval(() => this.#tell(), TICK_MS);
    this.#lookLater(this.#options.lookMs ?? 60_000);
  }

  /** Takes what came on the channels. */
  hear(event: BookEvent): void {
    if (event.type === "lifecycle") this.#hearLifecycle(event);
    else if (event.type === "gap") {
      // What was missed can only be seen by looking.
      if (event.channel === LIFECYCLE) this.lookSoon();
    } else if (event.type !== "stall" && "ticker" in event && event.ticker !== null) {
      this.#wanted.heard(event.ticker, event.receivedAt);
    }
  }

  /** Something was missed: looks at once, or as soon as the last look is a second ago. */
  lookSoon(): void {
    if (this.#looking !== null) this.#isLookDue = true;
    else this.#lookLater(Math.max(0, this.#lookedAt + LEAST_LOOK_MS - performance.now()));
  }

  /** Ends; nothing is told any more. */
  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#tick !== null) clearInterval(this.#tick);
    if (this.#next !== null) clearTimeout(this.#next);
    if (this.#apply !== null) clearImmediate(this.#apply);
    await Promise.all([this.#looking, this.#asking]);
  }

  #hearLifecycle(event: LifecycleEvent): void {
    if (event.kind === "event_lifecycle") {
      this.#wanted.tellEvent(event.event_ticker, event.series_ticker, event.receivedAt);
    } else if (event.kind !== "event_fee_update") this.#wanted.tellMarket(event, event.receivedAt);
    // Of many markets created at once, all in one command.
    this.#apply ??= setImmediate(() => {
      this.#apply = null;
      this.#tell();
    });
  }

  #tell(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#wanted.doubts.length > 0) this.#asking ??= this.#ask();
    const { add, drop } = this.#wanted.changes(this.#options.now());
    if (add.length === 0 && drop.length === 0) return;
    this.counts.joined += add.length;
    this.counts.left += drop.length;
    this.#options.onChanges({ add, drop });
  }

  #lookLater(ms: number): void {
    if (this.#next !== null) clearTimeout(this.#next);
    this.#next = setTimeout(() => {
      this.#looking = this.#lookOnce().finally(() => {
        this.#looking = null;
        const isDue = this.#isLookDue;
        this.#isLookDue = false;
        if (!this.#stop.signal.aborted) this.#lookLater(isDue ? LEAST_LOOK_MS : (this.#options.lookMs ?? 60_000));
      });
    }, ms);
  }

  async #lookOnce(): Promise<void> {
    try {
      await this.#look();
      this.problem = null;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.problem = problemOf(error);
    }
    this.#tell();
  }

  /** Lists what is not closed, and gives the series and events that have something. */
  async #look(): Promise<ReadonlySet<string>> {
    const { client, subject, exchangeTime, now } = this.#options;
    this.#lookedAt = performance.now();
    const askedAt = now();
    const time = await exchangeTime();
    const found = new Set<string>();
    const markets: ListedMarket[] = [];
    const queries = [
      ...subject.series.map((id) => ({ id, query: { series_ticker: id } })),
      ...subject.events.map((id) => ({ id, query: { event_ticker: id } })),
    ];
    for (const { id, query } of queries) {
      const all = { ...query, min_close_ts: toSeconds(time) };
      for await (const { items } of pages(client, liveMarkets, all, { signal: this.#stop.signal })) {
        for (const { ticker, event_ticker, status, close_time } of items.map(parseMarket)) {
          found.add(id);
          markets.push({ ticker, event: event_ticker, status, closeTime: close_time });
        }
      }
    }
    this.#wanted.look({ askedAt, exchangeTime: time, markets });
    return found;
  }

  /** Asks of which series the events are that nobody has told about. */
  async #ask(): Promise<void> {
    const { client, now } = this.#options;
    const signal = this.#stop.signal;
    try {
      for (let event = this.#wanted.doubts[0]; event !== undefined; event = this.#wanted.doubts[0]) {
        const series = await seriesOf(client, event, signal);
        if (series === null) this.#wanted.forget(event);
        else this.#wanted.tellEvent(event, series, now());
      }
    } catch (error) {
      // What is in doubt now will be in a look.
      for (const event of this.#wanted.doubts) this.#wanted.forget(event);
      if (!signal.aborted) this.problem = problemOf(error);
    }
    this.#asking = null;
    this.#tell();
  }
}

/** The series of an event, asked a few times: it may be known a moment after its market. Null where it is not. */
async function seriesOf(client: Client, event: string, signal: AbortSignal): Promise<string | null> {
  for (let tries = 0; tries < DOUBT_TRIES; tries += 1) {
    try {
      if (tries > 0) await delay(DOUBT_MS * 2 ** tries, undefined, { signal });
      return (await getEvent(client, { event_ticker: event }, { signal })).event.series_ticker;
    } catch (error) {
      if (!(error instanceof KalshiError) || error.code !== "NOT_FOUND") throw error;
    }
  }
  return null;
}

function nothingOpen({ events }: Subject): KalshiError {
  return new KalshiError("MARKET_NOT_FOUND", `no market of ${events.join(", ")} is open`, {
    hint: "`kalshi-lab search` finds open markets; for those that have ended there are lab.trades() and lab.candlesticks()",
    context: { events },
  });
}

function problemOf(error: unknown): KalshiError {
  if (error instanceof KalshiError) return error;
  return new KalshiError("BAD_RESPONSE", `new markets cannot be looked for: ${messageOf(error)}`, {
    hint: "what is being recorded goes on; it is tried again",
    cause: error,
  });
}
