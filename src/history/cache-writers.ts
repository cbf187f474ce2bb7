import { parseTime, type Timestamp } from "../units/time.js";
import type { CacheWriter } from "./cache.js";
import { ChainFiles } from "./cache-chain.js";
import type { Shelf } from "./cache-shelf.js";
import { recordOf, type Subject } from "./cache-subject.js";
import { OVERLAP } from "./cutoff.js";
import { ALWAYS, type Span } from "./spans.js";

interface Until {
  readonly cutoff: Timestamp;
  readonly closed: boolean;
}

interface Row {
  readonly key: string;
  readonly time: Timestamp;
  readonly row: unknown;
}

/**
 * Keeps trades as their pages come, newest first. The span that is known ends at the cutoff, unless nothing can come any more.
 *
 * What is known is told by who reads the chain, who also sees when a page breaks the order and then says {@link CacheWriter.giveUp}. By
 * itself this finds out only spans that do not adjoin, rows without an ID or a time, and a row of a span that was said to be known before
 * without it; of these three, too, nothing of the chain stays kept.
 */
export class TradesWriter implements CacheWriter {
  readonly #files: ChainFiles;
  readonly #subject: Subject;
  readonly #until: Until;
  readonly #worthAFile: number;
  /** What lies at or behind this is not kept. */
  readonly #ceiling: Timestamp;
  /** End of the chain's first page. */
  #top: Timestamp | null = null;
  /** The known span that has no file yet, and its rows. */
  #span: Span = { from: 0, to: 0 };
  #lines: string[] = [];
  /** Rows behind the known span. */
  #pending: Row[] = [];
  /** Keys of the rows held, and of those of the file before. */
  #keys = new Set<string>();
  #keysBefore: ReadonlySet<string> = new Set();

  constructor(shelf: Shelf, subject: Subject, until: Until, worthAFile: number) {
    this.#files = new ChainFiles(shelf);
    this.#subject = subject;
    this.#until = until;
    this.#worthAFile = worthAFile;
    this.#ceiling = until.closed ? ALWAYS.to : until.cutoff;
  }

  add(page: readonly unknown[], from: Timestamp, to: Timestamp): void {
    if (this.#files.givenUp) return;
    const end = Math.min(to, this.#ceiling);
    if (this.#top === null) {
      this.#top = end;
      this.#span = { from: end, to: end };
    } else if (Math.min(this.#low, this.#ceiling) !== end) {
      void this.giveUp();
      return;
    }
    this.#low = from;
    const rows = page.map(rowOf);
    if (rows.some((row) => row === null || this.#isLate(row, to))) {
      void this.giveUp();
      return;
    }
    const candidates = [...this.#pending, ...(rows as Row[]).filter(({ time }) => time < end)];
    this.#pending = candidates.filter(({ time }) => time < from);
    for (const one of candidates) {
      if (one.time < from || this.#keys.has(one.key)) continue;
      this.#keys.add(one.key);
      this.#lines.push(JSON.stringify(one.row));
    }
    this.#span = { from: Math.min(from, end), to: this.#span.to };
  }

  async commit(): Promise<void> {
    if (this.#lines.length >= this.#worthAFile) await this.#file();
  }

  async finish(): Promise<void> {
    await this.#file();
  }

  async giveUp(): Promise<void> {
    this.#span = { from: 0, to: 0 };
    this.#lines = [];
    this.#pending = [];
    await this.#files.giveUp();
  }

  /** Start of the last page's span, before the ceiling was put on it. */
  #low: Timestamp = 0;

  /** A row of a time that was said to be completely known, and which was not among those known. */
  #isLate({ key, time }: Row, to: Timestamp): boolean {
    return time >= to && time < (this.#top ?? to) && !this.#keys.has(key) && !this.#keysBefore.has(key);
  }

  async #file(): Promise<void> {
    const [span, lines] = [this.#span, this.#lines];
    if (span.from >= span.to) return;
    this.#span = { from: span.from, to: span.from };
    this.#lines = [];
    this.#keysBefore = this.#keys;
    this.#keys = new Set();
    await this.#files.put(this.#subject, { ...this.#until, span }, lines);
  }
}

function rowOf(row: unknown): Row | null {
  const key = textIn(row, "trade_id");
  const time = timeIn(row, "created_time");
  return key === null || time === null ? null : { key, time, row };
}

function textIn(row: unknown, name: string): string | null {
  const value: unknown = typeof row === "object" && row !== null ? Reflect.get(row, name) : null;
  return typeof value === "string" ? value : null;
}

/** Null also for text that is no time: whether a record is good is decided by who asked for it. */
function timeIn(row: unknown, name: string): Timestamp | null {
  try {
    return parseTime(textIn(row, name) ?? "");
  } catch {
    return null;
  }
}

/** Keeps an answer or a list once all of it is there. */
export class WholeWriter implements CacheWriter {
  readonly #files: ChainFiles;
  readonly #subject: Subject;
  readonly #until: Until;
  readonly #span: Span;
  #lines: string[] = [];
  #added = false;

  constructor(shelf: Shelf, subject: Subject, until: Until, span: Span) {
    this.#files = new ChainFiles(shelf);
    this.#subject = subject;
    this.#until = until;
    this.#span = span;
  }

  add(rows: readonly unknown[]): void {
    if (this.#files.givenUp) return;
    this.#added = true;
    for (const row of rows) this.#lines.push(JSON.stringify(row));
  }

  async commit(): Promise<void> {}

  async finish(): Promise<void> {
    if (this.#added) await this.#files.put(this.#subject, { ...this.#until, span: this.#span }, this.#lines);
  }

  async giveUp(): Promise<void> {
    this.#lines = [];
    await this.#files.giveUp();
  }
}

/** Keeps the records of single markets that were settled long before the cutoff. */
export class RecordsWriter implements CacheWriter {
  readonly #files: ChainFiles;
  readonly #cutoff: Timestamp;
  readonly #closed = new Map<string, string>();

  constructor(shelf: Shelf, cutoff: Timestamp) {
    this.#files = new ChainFiles(shelf);
    this.#cutoff = cutoff;
  }

  add(rows: readonly unknown[]): void {
    if (this.#files.givenUp) return;
    for (const row of rows) {
      const ticker = textIn(row, "ticker");
      const settled = timeIn(row, "settlement_ts");
      if (ticker !== null && settled !== null && settled < this.#cutoff - OVERLAP)
        this.#closed.set(ticker, JSON.stringify(row));
    }
  }

  async commit(): Promise<void> {}

  async finish(): Promise<void> {
    const known = { span: ALWAYS, cutoff: this.#cutoff, closed: true };
    await Promise.all([...this.#closed].map(([ticker, line]) => this.#files.put(recordOf(ticker), known, [line])));
  }

  async giveUp(): Promise<void> {
    this.#closed.clear();
    await this.#files.giveUp();
  }
}
