import type { BookEvent, TickerEvent } from "../../book/event.js";
import type { Envelope } from "../../exchange/channel.js";
import { type ConnectMark, readMark } from "../../recorder/marks.js";
import { Player } from "../../recorder/player.js";
import { type Entry, entryKind } from "../../store/segment.js";
import { readSegments } from "../../store/segment-reader.js";
import type { Timestamp } from "../../units/time.js";
import type { BookView, TradeRecord } from "../types.js";
import { Outage } from "./outage.js";
import { type Readers, ReplayPace, type ReplaySpeed } from "./pace.js";
import { objectOf, type Recorded, readFrame, recordedEvent, tickerIn } from "./recorded-frame.js";
import { gridIn, type NamedGrid } from "./recorded-grid.js";

export interface ReplayOptions {
  readonly dir: string;
  readonly speed: ReplaySpeed;
  readonly readers: Readers;
  /** The exchange's time has come so far. */
  onTime(time: Timestamp): void;
  onTrade(trade: TradeRecord): void;
  /** `dollarVolume` as the frame has it. */
  onTicker(event: TickerEvent, dollarVolume: unknown): void;
  /** A market has another price grid from here on. */
  onGrid(ticker: string, grid: NamedGrid): void;
  /** A frame to be passed on. */
  onFrame(event: Recorded): void;
  /** Nobody is served from here on, until the recording knows its books again. */
  onOutage(): void;
}

/** After so many frames the fastest pace looks whether anybody still listens. */
const LOOK_AT_READERS = 100;

/** How far a replay is. */
export interface ReplayProgress {
  readonly frames: number;
  readonly outages: number;
  readonly is_down: boolean;
  readonly ended: boolean;
  readonly speed: ReplaySpeed;
}

/**
 * Plays a recording as if it happened now. It begins once its first books are known and somebody listens, then goes at its pace whoever
 * listens, or, at `max`, as fast as the slowest reader reads, and waits while there is none.
 */
export class Replay {
  readonly pace: ReplayPace;
  readonly #options: ReplayOptions;
  readonly #events: BookEvent[] = [];
  readonly #player = new Player((event) => this.#events.push(event));
  readonly #outage = new Outage(this.#player.feed);
  readonly #opened = Promise.withResolvers<void>();
  #frames = 0;
  #outages = 0;
  #hasBegun = false;
  /** Nobody listens perhaps: at the fastest pace they are waited for. */
  #isAlone = true;
  /** A connection's end that nothing has followed yet. */
  #ending: Entry | null = null;
  #isEnded = false;
  #isStopped = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.pace = new ReplayPace(options.speed, options.readers);
  }

  get isDown(): boolean {
    return this.#outage.isDown;
  }

  /** Resolves once somebody can be served, or the recording has ended without a book. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** A market's book, null while it is not known for sure. */
  book(ticker: string): BookView | null {
    const book = this.#player.feed.book(ticker);
    if (book === null || book.state !== "ok") return null;
    const { yes, no } = book.levels();
    return {
      yes: yes.map(({ price, count }) => [price, count] as const),
      no: no.map(({ price, count }) => [price, count] as const),
    };
  }

  progress(): ReplayProgress {
    return {
      frames: this.#frames,
      outages: this.#outages,
      is_down: this.isDown,
      ended: this.#isEnded,
      speed: this.pace.speed,
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.pace.stop();
  }

  /** Plays to the end. @throws KalshiError `FILE_UNREADABLE`, `FILE_FORMAT` */
  async run(): Promise<void> {
    for await (const part of readSegments(this.#options.dir)) {
      if (part.type === "damaged") {
        this.#player.damaged();
        this.#settleEvents(this.#player.lastAt);
        continue;
      }
      for (const entry of part.entries) {
        // The end of the last connection is the end of the recording, and no outage.
        if (this.#ending !== null) this.#play(this.#ending);
        this.#ending = null;
        await this.#wait(entry);
        if (this.#isStopped) return;
        if (isDisconnect(entry)) this.#ending = { ...entry, body: Buffer.from(entry.body) };
        else this.#play(entry);
      }
    }
    this.#isEnded = true;
    this.#opened.resolve();
  }

  async #wait(entry: Entry): Promise<void> {
    // What nobody can be sent is not waited for at the beginning, nor where the pace is that of readers.
    if (this.isDown && (!this.#hasBegun || this.pace.speed === "max")) return;
    if (this.#isAlone && !this.isDown && (!this.#hasBegun || this.pace.speed === "max")) {
      await this.pace.forReaders();
      this.#isAlone = false;
    }
    this.#hasBegun ||= !this.isDown;
    await this.pace.until(entry.time);
  }

  #play(entry: Entry): void {
    if (entry.kind === entryKind.mark) {
      const mark = readMark(entry.body);
      this.#player.play(entry);
      this.#settleEvents(entry.time);
      if (mark?.mark === "connect" || (mark?.mark === "continue" && this.#player.connection === 1))
        this.#connected(mark);
      return;
    }
    const envelope = readFrame(entry.body);
    this.#player.play(entry);
    this.#frames += 1;
    if (this.#frames % LOOK_AT_READERS === 0) this.#isAlone = true;
    const told = this.#settleEvents(entry.time, envelope);
    if (envelope !== null) this.#pass(envelope, told, entry.time);
    this.#outage.look(entry.time);
    if (!this.isDown) this.#opened.resolve();
  }

  #connected({ tickers }: Pick<ConnectMark, "tickers">): void {
    this.#outage.connected(tickers);
  }

  /** Takes in what the last entry came to, and gives it. */
  #settleEvents(receivedAt: Timestamp, envelope: Envelope | null = null): readonly BookEvent[] {
    const events = this.#events.splice(0);
    for (const event of events) {
      if (event.type === "ticker") this.#options.onTicker(event, objectOf(envelope?.msg).dollar_volume);
      if (event.type === "trade") this.#options.onTrade(tradeOf(event, this.#player.feed.estimate(receivedAt)));
      if (event.type === "gap" && event.recoveredBy === null) this.#fall();
    }
    return events;
  }

  #fall(): void {
    if (this.#outage.isDown) return;
    this.#outage.begin();
    this.#outages += 1;
    this.#isAlone = true;
    this.#options.onOutage();
  }

  /** What came of no use, such as a frame had before, is not passed on: the books would come out otherwise. */
  #pass(envelope: Envelope, told: readonly BookEvent[], receivedAt: Timestamp): void {
    const useful = told.find(({ type }) => type !== "gap");
    this.#options.onTime(envelope.sentTime ?? useful?.time ?? this.#player.feed.estimate(receivedAt));
    const changed = changedGrid(envelope);
    if (changed !== null) this.#options.onGrid(changed.ticker, changed.grid);
    // Behind damage nothing tells what the prices of a book's message mean.
    const isText = this.#player.feed.isAdrift && envelope.type.startsWith("orderbook_");
    if (useful === undefined || isText || this.isDown) return;
    const event = recordedEvent(envelope, this.#player.useYesPrice);
    if (event !== null) this.#options.onFrame(event);
  }
}

/** The grid that a lifecycle message changes a market's to; null where it is no such message. */
function changedGrid(envelope: Envelope): { readonly ticker: string; readonly grid: NamedGrid } | null {
  if (objectOf(envelope.msg).event_type !== "price_level_structure_updated") return null;
  const [ticker, grid] = [tickerIn(envelope), gridIn(envelope.msg)];
  return ticker === null || grid === null ? null : { ticker, grid };
}

function isDisconnect({ kind, body }: Entry): boolean {
  return kind === entryKind.mark && readMark(body)?.mark === "disconnect";
}

function tradeOf(event: Extract<BookEvent, { type: "trade" }>, estimated: Timestamp): TradeRecord {
  return {
    id: event.trade_id,
    ticker: event.ticker,
    price: event.yes_price,
    count: event.count,
    taker: event.taker_outcome_side === "no" ? "no" : "yes",
    time: event.time ?? estimated,
    isBlock: event.is_block_trade === true,
  };
}
