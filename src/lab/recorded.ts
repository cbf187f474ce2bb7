import type { ColumnTable } from "arquero";
import type { BookEvent, Delta, Snapshot, TradeEvent } from "../book/event.js";
import { ExchangeClock } from "../book/exchange-clock.js";
import { formatOf } from "../datasets/copy.js";
import { saveRows } from "../datasets/write.js";
import type { Stage } from "../flow/stage.js";
import { tableBuilder } from "../frames/builder.js";
import type { Frame } from "../frames/frame.js";
import { type Provenance, type UnknownSpan, withProvenance } from "../frames/provenance.js";
import type { Numbers } from "../frames/scaled-column.js";
import { Coverage, type UnknownInterval } from "../recorder/coverage.js";
import type { Passage } from "../recorder/passage.js";
import { formatTime, systemClock, type TimeInput, type Timestamp } from "../units/time.js";
import { Asked } from "./asked.js";
import type { Saved } from "./query.js";

/** Of which part of a recording, and how. */
export interface RecordedAsk {
  readonly ticker?: string | undefined;
  /** Default: every market of the recording. */
  readonly tickers?: readonly string[] | undefined;
  /** The exchange's time, included: microseconds, `Date` or ISO text. */
  readonly from?: Timestamp | TimeInput | undefined;
  /** Not included. */
  readonly to?: Timestamp | TimeInput | undefined;
  /** How amounts read in the table: doubles (default), `Decimal` objects or the exact integers. */
  readonly numbers?: Numbers | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A row of a table, by column; other fields are left out. */
export type RecordedRow = Readonly<Record<string, unknown>>;

/** What a {@link RecordedQuery} is made of: the transform `T` of events, and the rows that each of its records is. */
export interface RecordedQuestion<T> {
  readonly frame: Frame;
  readonly dir: string;
  readonly channel: "orderbook_delta" | "trade";
  readonly events: (part: Pick<Passage, "from" | "tickers" | "signal" | "late" | "onEnd">) => AsyncIterable<BookEvent>;
  readonly start: () => Stage<BookEvent, T>;
  readonly rowsOf: (record: T) => readonly RecordedRow[];
  readonly timeOf: (record: T) => Timestamp;
  /** Channels that the recording's connections had; null where that is not known. */
  readonly channels: () => Promise<ReadonlySet<string> | null>;
  readonly tickers: readonly string[] | undefined;
  readonly from: Timestamp | undefined;
  readonly to: Timestamp | undefined;
  readonly numbers: Numbers | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Records of a page, at least. */
const PAGE = 4_096;

/**
 * Rows made of a recording's events: lazy, with several ways out. Awaiting it gives the table. However long the recording, of rows that
 * are saved or read page by page only a few are in memory.
 *
 * @throws KalshiError from every way out: `BAD_RANGE`, `INTERRUPTED`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export class RecordedQuery<T> extends Asked {
  readonly #question: RecordedQuestion<T>;

  constructor(question: RecordedQuestion<T>) {
    super();
    this.#question = question;
  }

  /** Pages of typed records in the order in which they were found: by market they ascend, between markets only nearly. */
  pages(): AsyncGenerator<readonly T[]> {
    return new Reading(this.#question).pages();
  }

  /** The records of {@link pages}, one by one. */
  async *rows(): AsyncGenerator<T> {
    for await (const page of this.pages()) yield* page;
  }

  /**
   * Streams the rows to a file by its ending: `.csv`, `.parquet` or `.arrow`, with a manifest beside it.
   *
   * @throws KalshiError `FILE_FORMAT`, `DISK_FULL`, `INTERRUPTED`; an older file is then as it was
   */
  async save(path: string): Promise<Saved> {
    formatOf(path);
    const { frame } = this.#question;
    const reading = new Reading(this.#question);
    let made: Provenance | null = null;
    const channels = await this.#question.channels();
    const provenance = (): Provenance => {
      made = reading.provenance(channels);
      return made;
    };
    // Rows of books cannot repeat; to look for it would take memory and time.
    const own = this.#question.channel === "trade" ? frame : { ...frame, key: [] };
    const file = await saveRows(own, reading.rowPages(), path, { typed: true, provenance });
    return { ...file, resumed: false, provenance: { ...made!, rows: file.rows } };
  }

  protected async collect(): Promise<ColumnTable> {
    const { frame, numbers } = this.#question;
    const builder = tableBuilder(frame.noun, frame.fields, { numbers });
    const reading = new Reading(this.#question);
    for await (const page of reading.rowPages()) builder.addRecords(page);
    const table = builder.finish({ orderBy: frame.orderBy, dedupeBy: frame.key });
    const provenance = reading.provenance(await this.#question.channels());
    return withProvenance(table, { ...provenance, rows: table.numRows() });
  }
}

/** One reading of the events, from the first on. */
class Reading<T> {
  readonly #question: RecordedQuestion<T>;
  readonly #coverage: Coverage;
  readonly #clocks = new Map<number, ExchangeClock>();
  /** Subscriptions whose next message will tell whether one before it is missing. */
  readonly #unsure = new Set<string>();
  #page: T[] = [];
  #pages = 0;
  #rows = 0;
  #first: Timestamp = Number.POSITIVE_INFINITY;
  #last: Timestamp = Number.NEGATIVE_INFINITY;

  constructor(question: RecordedQuestion<T>) {
    this.#question = question;
    const { channel, tickers, from, to } = question;
    this.#coverage = new Coverage({ channel, tickers, from, to });
  }

  /** Pages of the table's rows. */
  async *rowPages(): AsyncGenerator<readonly RecordedRow[]> {
    for await (const page of this.pages()) {
      const rows = page.flatMap(this.#question.rowsOf);
      this.#rows += rows.length;
      yield rows;
    }
  }

  async *pages(): AsyncGenerator<readonly T[]> {
    const { events, channel, tickers, from, to = Number.POSITIVE_INFINITY, signal } = this.#question;
    const stage = this.#question.start();
    let heard: Timestamp | null = null;
    /** When a connection ended that no other has followed. */
    let closed: Timestamp | null = null;
    let last: BookEvent | null = null;
    const onEnd = (at: Timestamp): void => {
      heard = at;
    };
    for await (const whole of events({ from, tickers, signal, late: channel === "orderbook_delta", onEnd })) {
      const event = this.#own(whole);
      const time = this.#timeOf(event);
      const isBehind = time >= to;
      // What is missing before the end shows only behind it.
      if (!isBehind || event.type === "gap") {
        this.#give(stage.take(event));
        this.#coverage.push(event, time);
        last = event;
      }
      if (event.type === "disconnect") closed = event.from;
      else if (event.type !== "gap") closed = null;
      if (this.#page.length >= PAGE) yield this.#taken();
      if (this.#isSettled(event, isBehind)) {
        heard = to;
        break;
      }
    }
    const end = heard === null ? null : Math.min(closed ?? heard, to);
    // Time has passed up to there, also where nothing happened; only what is before the end is of the part asked for.
    if (last !== null && end !== null) this.#give(stage.take(quiet(last, end === to ? to - 1 : end)));
    this.#give(stage.end());
    this.#coverage.end(end);
    if (this.#page.length > 0) yield this.#taken();
  }

  /** What is known of the rows when all of them have passed. */
  provenance(channels: ReadonlySet<string> | null): Provenance {
    const { frame, dir, channel, from, to } = this.#question;
    const unknown = this.#coverage.unknown();
    const reasons: string[] = [];
    if (channels !== null && !channels.has(channel)) reasons.push(`the recording has no channel \`${channel}\``);
    if (unknown.length > 0) reasons.push(unknownText(unknown));
    const why = reasons.join("; ") || null;
    return {
      noun: frame.noun,
      sources: [{ tier: "recording", endpoint: dir, rows: this.#rows, pages: this.#pages }],
      cutoffs: null,
      from: from === undefined ? null : formatTime(from),
      to: to === undefined ? null : formatTime(to),
      covered: this.#first > this.#last ? null : { from: formatTime(this.#first), to: formatTime(this.#last) },
      unknown: unknown.map(spanOf),
      complete: why === null,
      why,
      rows: this.#rows,
      at: formatTime(systemClock.now()),
    };
  }

  /** An event as it concerns the part asked for: its own markets, and what stood before the start as of then. */
  #own(event: BookEvent): BookEvent {
    const { tickers, from = Number.NEGATIVE_INFINITY } = this.#question;
    if (event.type === "snapshot") return event.sid === null ? asOf(event, from) : event;
    if (!("tickers" in event)) return event;
    const own = tickers === undefined ? event.tickers : event.tickers.filter((ticker) => tickers.includes(ticker));
    return { ...event, tickers: own, from: Math.max(event.from, from) };
  }

  #give(records: Iterable<T>): void {
    const { timeOf, to = Number.POSITIVE_INFINITY } = this.#question;
    for (const record of records) {
      const time = timeOf(record);
      if (time >= to) continue;
      this.#first = Math.min(this.#first, time);
      this.#last = Math.max(this.#last, time);
      this.#page.push(record);
    }
  }

  #taken(): readonly T[] {
    const page = this.#page;
    this.#page = [];
    this.#pages += 1;
    return page;
  }

  /** Whether all is known of what was before the end: each subscription has gone on behind it, or its connection has ended. */
  #isSettled(event: BookEvent, isBehind: boolean): boolean {
    const { channel, to } = this.#question;
    if (to === undefined || event.type === "gap") return false;
    const on = `${event.connection} `;
    if (event.type === "disconnect") {
      // What it leaves missing is told next.
      for (const key of this.#unsure) if (key.startsWith(on)) this.#unsure.delete(key);
      return false;
    }
    const keepsBook = event.type === "snapshot" || event.type === "delta";
    if (channel === "trade" ? event.type === "trade" : keepsBook) {
      // A book that stood at the start came without its subscription.
      const key = on + ((event as Snapshot | Delta | TradeEvent).sid ?? "any");
      if (!isBehind) this.#unsure.add(key);
      else for (const one of [key, `${on}any`]) this.#unsure.delete(one);
    }
    return isBehind && this.#unsure.size === 0;
  }

  #timeOf({ time, receivedAt, connection }: BookEvent): Timestamp {
    let clock = this.#clocks.get(connection);
    if (clock === undefined) {
      clock = new ExchangeClock();
      this.#clocks.set(connection, clock);
    }
    if (time !== null) clock.heard(time, receivedAt);
    return time ?? clock.estimate(receivedAt);
  }
}

/** A book that stood at a moment, as of then, as late as it was itself. */
function asOf(event: Snapshot, from: Timestamp): Snapshot {
  if (event.time !== null && event.time >= from) return event;
  const late = event.time === null ? 0 : event.receivedAt - event.time;
  return { ...event, time: from, receivedAt: from + late };
}

/** Nothing that happened: only that time has passed. */
function quiet({ connection, receivedAt }: BookEvent, time: Timestamp): BookEvent {
  const on = { sid: null, sequence: null, ticker: null };
  return { type: "unknown", receivedAt, time, connection, ...on, kind: null, text: "", problem: null };
}

function spanOf({ tickers, from, to, reason }: UnknownInterval): UnknownSpan {
  const text = (time: Timestamp | null) => (time === null ? null : formatTime(time));
  return { tickers, from: text(from), to: text(to), reason };
}

/** `2 intervals are unknown, the first from … to … (disconnect)`. */
function unknownText(unknown: readonly UnknownInterval[]): string {
  const { from, to, reason } = spanOf(unknown[0]!);
  const first = `from ${from ?? "the start"} to ${to ?? "the end"} (${reason})`;
  return unknown.length === 1
    ? `an interval is unknown, ${first}`
    : `${unknown.length} intervals are unknown, the first ${first}`;
}
