import type { ColumnTable } from "arquero";
import type { Client } from "../client/http.js";
import { formatOf } from "../datasets/copy.js";
import { type SavedFile, saveRows } from "../datasets/write.js";
import { saveSorted } from "../datasets/write-sorted.js";
import { KalshiError } from "../errors.js";
import { asObject, type RecordOf, recordParser, type WireObject } from "../exchange/field.js";
import { tableBuilder } from "../frames/builder.js";
import type { Frame } from "../frames/frame.js";
import { type Provenance, withProvenance } from "../frames/provenance.js";
import { rowOrder } from "../frames/row-order.js";
import type { Numbers } from "../frames/scaled-column.js";
import { recordCheck, valueReader } from "../frames/value-reader.js";
import type { HistoryCache } from "../history/cache.js";
import { download } from "../history/download.js";
import { follow } from "../history/follow.js";
import { holeIn } from "../history/holes.js";
import type { Plan } from "../history/plan.js";
import type { Reach } from "../history/resolve.js";
import type { Followed, Progress } from "../history/tally.js";
import { formatTime, MINUTE, systemClock, type Timestamp } from "../units/time.js";
import { Asked } from "./asked.js";
import { type Estimate, estimateOf } from "./estimate.js";
import { sparingly } from "./memory.js";
import { describePlan, type PlanDescription } from "./plan-description.js";
import { progressDisplay } from "./progress.js";

export interface QueryOptions {
  /** How amounts read in the table: doubles (default), `Decimal` objects or the exact integers. */
  readonly numbers?: Numbers | undefined;
  /** Adds a JSON text column `extra` with the fields that this library does not know. */
  readonly extra?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after every page, instead of the line in the terminal or the cell. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A finished file. */
export interface Saved extends SavedFile {
  /** True when an earlier, interrupted run was gone on with. */
  readonly resumed: boolean;
  readonly provenance: Provenance;
}

/** What a {@link Query} is made of. */
export interface Question<F extends Frame> {
  readonly frame: F;
  readonly client: Client;
  /** Identifies the question in saved files: what was asked, of which exchange, and by whom where it is about own records. */
  readonly key: () => Promise<string>;
  /** The exchange's own present. */
  readonly now: () => Promise<Timestamp>;
  /** What is kept of closed history of that exchange; null for none. */
  readonly cache: () => Promise<HistoryCache | null>;
  readonly plan: (reach: Reach) => Promise<Plan>;
  /** Its span counts from the present: "-7d". */
  readonly relative: boolean;
  readonly options: QueryOptions;
  /** Not the real exchange: its records are whole where that one has lost some. */
  readonly invented: boolean;
}

/**
 * A question to the exchange: lazy, typed, with several ways out. Awaiting it gives the table: ascending as the frame says, each row once.
 *
 * @throws KalshiError from every way out: what the question's method in {@link Lab} names, and what requests throw
 */
export class Query<F extends Frame> extends Asked {
  readonly #question: Question<F>;
  #plan: Promise<Plan> | null = null;
  #cache: Promise<HistoryCache | null> | null = null;

  constructor(question: Question<F>) {
    super();
    this.#question = question;
  }

  /**
   * Pages of typed records as they arrive, none empty. Where the exchange sends the newest first, a page does; pages of markets, tiers and time
   * slices that are read side by side interleave, and a row near the cutoff may come twice. The table and the file are in order.
   */
  async *pages(): AsyncGenerator<readonly RecordOf<F["fields"]>[]> {
    const { frame, client, options } = this.#question;
    const parse = recordParser(frame.noun, frame.fields);
    for await (const items of follow(client, await this.#route(), {
      signal: options.signal,
      onProgress: options.onProgress,
      cache: (await this.#kept()) ?? undefined,
      check: recordCheck(frame.noun, frame.fields),
    })) {
      // A tier that has nothing of it answers all the same.
      if (items.length > 0) yield items.map(parse) as RecordOf<F["fields"]>[];
    }
  }

  /** The records of {@link pages}, one by one. */
  async *rows(): AsyncGenerator<RecordOf<F["fields"]>> {
    for await (const page of this.pages()) yield* page;
  }

  /**
   * Streams the answer to a CSV, Parquet or Arrow file, by its ending, with a manifest beside it. Until it is done, rows and progress are kept in
   * `<path>.partial`; the same call goes on from there after a crash and ends with the same rows. What such a download has is as of when it
   * was begun: where more can have come since, or its span was relative, its provenance says so and is not complete.
   *
   * @throws KalshiError `FILE_FORMAT`, `DISK_FULL`, `CHECKPOINT_MISMATCH`, `INTERRUPTED`
   */
  async save(path: string): Promise<Saved> {
    formatOf(path);
    return sparingly(() => this.#save(path));
  }

  async #save(path: string): Promise<Saved> {
    const { frame, client, key, options } = this.#question;
    const progress = await this.#progress();
    const check = recordCheck(frame.noun, frame.fields);
    const question = await key();
    const following = download(client, `${path}.partial`, question, () => this.#begin(), {
      ...progress.options,
      cache: (await this.#kept()) ?? undefined,
      check,
      order: rowOrder(frame) ?? undefined,
    });
    const done = await following.finally(progress.end);
    try {
      const late = done.resumed ? await this.#lateness(done.followed) : null;
      const span = new Span(frame);
      const seen = (chunks: Iterable<readonly unknown[]>) => span.seeing(stoppable(chunks, options.signal));
      const details = {
        provenance: () => this.#provenance(done.followed, done.count, span, late),
        extra: options.extra,
      };
      const { sorted, count } = done;
      const inOrder = sorted && (await saveSorted(frame, { rows: () => seen(sorted()), count }, path, details));
      const file = inOrder ?? (await saveRows(frame, seen(done.rows()), path, details));
      await done.discard();
      // Merged rows come without their duplicates, so the file's own count of them says nothing.
      const duplicates = done.count - file.rows;
      return { ...file, duplicates, resumed: done.resumed, provenance: { ...details.provenance(), rows: file.rows } };
    } catch (error) {
      await done.close();
      throw error;
    }
  }

  /** Requests, tokens and seconds it will take. Reads the cutoffs, and the markets where the question needs them. */
  async estimate(): Promise<Estimate> {
    return estimateOf(this.#question.client, await this.#route());
  }

  /** Which endpoint serves which part, by which cutoff, before anything is fetched. */
  async plan(): Promise<PlanDescription> {
    return describePlan(await this.#route());
  }

  #route(): Promise<Plan> {
    this.#plan ??= this.#makePlan().catch((error: unknown) => {
      this.#plan = null;
      throw error;
    });
    return this.#plan;
  }

  async #makePlan(): Promise<Plan> {
    const { plan: route, options, now } = this.#question;
    const cache = await this.#kept();
    const plan = await route({ cache, signal: options.signal });
    const legs = cache === null ? plan.legs : await cache.cover(plan.legs, plan.cutoffs);
    return { ...plan, legs, ...(plan.to === null ? {} : { asOf: await now() }) };
  }

  #kept(): Promise<HistoryCache | null> {
    this.#cache ??= this.#question.cache().catch((error: unknown) => {
      this.#cache = null;
      throw error;
    });
    return this.#cache;
  }

  protected async collect(): Promise<ColumnTable> {
    const { frame, client, options } = this.#question;
    const builder = tableBuilder(frame.noun, frame.fields, { numbers: options.numbers, extra: options.extra });
    const progress = await this.#progress();
    try {
      const cache = (await this.#kept()) ?? undefined;
      const check = recordCheck(frame.noun, frame.fields);
      const following = follow(client, await this.#route(), { ...progress.options, cache, check });
      const span = new Span(frame);
      const followed = await drained(following, (items) => {
        builder.add(items);
        span.see(items);
      });
      const table = builder.finish({ orderBy: frame.orderBy, dedupeBy: frame.key });
      return withProvenance(table, this.#provenance(followed, table.numRows(), span));
    } finally {
      progress.end();
    }
  }

  async #progress(): Promise<{ options: Pick<QueryOptions, "signal" | "onProgress">; end: () => void }> {
    const { signal, onProgress } = this.#question.options;
    if (onProgress !== undefined) return { options: { signal, onProgress }, end: () => undefined };
    const display = await progressDisplay();
    return { options: { signal, onProgress: (progress) => display.show(progress) }, end: () => display.done() };
  }

  /** The plan of a download, with the moment as of which it is. */
  async #begin(): Promise<Plan> {
    const plan = await this.#route();
    return { ...plan, asOf: plan.asOf ?? (await this.#question.now()) };
  }

  /** What a download that was gone on with lacks because time went on meanwhile; null when nothing. */
  async #lateness({ asOf, to, live }: Followed): Promise<string | null> {
    const { now, relative } = this.#question;
    const grows = live && (to === null || asOf === null || to > asOf);
    if (asOf === null || !(grows || relative) || (await now()) - asOf <= MINUTE) return null;
    return `it was begun at ${formatTime(asOf)} and is as of then; to have what came since, ask again`;
  }

  /** What the rows lack of the question, in words; null when nothing. */
  #shortfall(followed: Followed, span: Span): string | null {
    const { frame, invented } = this.#question;
    const { from, to, asOf, lacking } = followed;
    const reasons: string[] = [];
    if (lacking.length > 0) reasons.push(`the exchange did not answer for ${some(lacking)}`);
    if (to !== null && asOf !== null && to > asOf)
      reasons.push(`the span goes on after the moment it was asked, ${formatTime(asOf)}`);
    const hole = invented ? null : holeIn(frame.noun, from ?? span.first, to ?? span.last);
    if (hole !== null) reasons.push(hole);
    return reasons.length === 0 ? null : reasons.join("; ");
  }

  #provenance(followed: Followed, rows: number, span: Span, late: string | null = null): Provenance {
    const { frame } = this.#question;
    const why = [this.#shortfall(followed, span), late].filter((reason) => reason !== null).join("; ") || null;
    return {
      noun: frame.noun,
      sources: followed.sources.map(({ fetched, ...source }) =>
        fetched === undefined ? source : { ...source, fetched: formatTime(fetched) },
      ),
      cutoffs: followed.cutoffs === null ? null : mapValues({ ...followed.cutoffs }, formatTime),
      from: followed.from === null ? null : formatTime(followed.from),
      to: followed.to === null ? null : formatTime(followed.to),
      covered: span.text(),
      // Every leg has ended with an empty cursor, and the cutoff was read again behind the last page, else there would be no table.
      complete: why === null,
      why,
      rows,
      at: formatTime(systemClock.now()),
    };
  }
}

/** Takes what a generator yields, and gives what it returns; it is ended when taking fails. */
async function drained<T, R>(generator: AsyncGenerator<T, R>, take: (item: T) => void): Promise<R> {
  try {
    for (;;) {
      const next = await generator.next();
      if (next.done === true) return next.value;
      take(next.value);
    }
  } finally {
    await generator.return(undefined as R);
  }
}

/** A few ids of many. */
function some(ids: readonly string[]): string {
  const shown = ids.slice(0, 5).join(", ");
  return ids.length > 5 ? `${shown} and ${ids.length - 5} more` : shown;
}

/** The same chunks, ending with `INTERRUPTED` once the signal is set off. */
function* stoppable<T>(chunks: Iterable<T>, signal: AbortSignal | undefined): Generator<T> {
  for (const chunk of chunks) {
    if (signal?.aborted === true) {
      throw new KalshiError("INTERRUPTED", "interrupted while the file was being written", {
        hint: "everything is downloaded; the same call writes the file",
      });
    }
    yield chunk;
  }
}

/** First and last time of rows as they pass, by the frame's leading time column. */
class Span {
  first: Timestamp = Number.POSITIVE_INFINITY;
  last: Timestamp = Number.NEGATIVE_INFINITY;
  readonly #noun: string;
  readonly #read: ((object: WireObject) => unknown) | null;

  constructor(frame: Frame) {
    const [name = ""] = frame.orderBy;
    const field = frame.fields[name];
    this.#noun = frame.noun;
    this.#read = field?.kind === "time" ? valueReader(frame.noun, name, field) : null;
  }

  see(items: readonly unknown[]): void {
    if (this.#read === null) return;
    for (const item of items) {
      const time = this.#read(asObject(this.#noun, item));
      if (typeof time !== "number") continue;
      this.first = Math.min(this.first, time);
      this.last = Math.max(this.last, time);
    }
  }

  *seeing(pages: Iterable<readonly unknown[]>): Generator<readonly unknown[]> {
    for (const items of pages) {
      this.see(items);
      yield items;
    }
  }

  text(): Provenance["covered"] {
    return this.first > this.last ? null : { from: formatTime(this.first), to: formatTime(this.last) };
  }
}

function mapValues<T, U>(object: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}

/** Refuses what a question needs and did not get. */
export function requireSelection(noun: string, given: boolean): void {
  if (given) return;
  throw new KalshiError("BAD_ARGUMENT", `${noun} of what?`, {
    hint: "name a ticker, tickers, an event or a series",
    context: { noun },
  });
}
