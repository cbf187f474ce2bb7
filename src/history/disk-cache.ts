import { parseTime, type Timestamp } from "../units/time.js";
import type { CachedRows, CacheWriter, HistoryCache } from "./cache.js";
import { type KeptFile, type Shelf, trusted } from "./cache-shelf.js";
import {
  aboutMarkets,
  cutoffOf,
  type KeepableLeg,
  namedMarkets,
  recordOf,
  type Subject,
  subjectOf,
} from "./cache-subject.js";
import { RecordsWriter, TradesWriter, WholeWriter } from "./cache-writers.js";
import type { Cutoffs } from "./cutoff.js";
import { type CachedLeg, endpointOf, type Leg, type ListLeg } from "./plan.js";
import { boundsOf, cutByKnown, narrowed, type Span, spanFrom, spanOf } from "./spans.js";

/** Folders that are looked into at once. */
const SIDE_BY_SIDE = 16;
const PAGE = 1_000;

/** A cache in a folder. Files are never changed once they are there, so several processes share it without a lock. */
export class DiskCache implements HistoryCache {
  readonly #shelf: Shelf;
  readonly #worthAFile: number;

  /** `worthAFile`: rows of a chain that are held before its end until they are worth a file. */
  constructor(shelf: Shelf, { worthAFile = 500 }: { readonly worthAFile?: number } = {}) {
    this.#shelf = shelf;
    this.#worthAFile = worthAFile;
  }

  async cover(legs: readonly Leg[], cutoffs: Cutoffs | null): Promise<readonly Leg[]> {
    const parts: (readonly Leg[])[] = [];
    for (let at = 0; at < legs.length; at += SIDE_BY_SIDE) {
      const some = legs.slice(at, at + SIDE_BY_SIDE);
      parts.push(...(await Promise.all(some.map((leg) => this.#coverLeg(leg, cutoffs)))));
    }
    return parts.flat();
  }

  async *read(leg: CachedLeg): AsyncGenerator<CachedRows, readonly Leg[]> {
    const named = namedMarkets(leg.instead);
    if (named !== null) return yield* this.#readRecords(leg.instead as ListLeg, named);
    const found = subjectOf(leg.instead);
    if (found === null) return [leg.instead];
    const files = [...(await this.#shelf.files(found.subject))];
    const missing: Leg[] = [];
    const { from, to } = spanFrom(leg);
    // From the newest down, as the exchange sends it.
    for (let end = to; end > from; ) {
      const file = reachingUpTo(files, end, leg.cutoff);
      const below = file === null ? nextBelow(files, end, leg.cutoff) : trusted(file, leg.cutoff).from;
      const part = { from: Math.max(from, below), to: end };
      const lines = file === null ? null : await this.#shelf.lines(file);
      if (file !== null && lines === null) {
        files.splice(files.indexOf(file), 1);
        continue;
      }
      if (file === null || lines === null) missing.push(narrowed(found.leg, part));
      else yield* chunks(file, lines, part);
      end = part.from;
    }
    return missing;
  }

  writer(leg: Leg, cutoffs: Cutoffs | null, resumed = false): CacheWriter | null {
    if (cutoffs === null) return null;
    if (namedMarkets(leg) !== null) return new RecordsWriter(this.#shelf, cutoffs.market_settled);
    const found = subjectOf(leg);
    if (found === null) return null;
    const { kind } = found.subject;
    const until = { cutoff: cutoffs[cutoffOf[kind]], closed: found.leg.closed === true };
    if (kind === "trades") return new TradesWriter(this.#shelf, found.subject, until, this.#worthAFile);
    return resumed ? null : new WholeWriter(this.#shelf, found.subject, until, spanOf(found.leg));
  }

  async #coverLeg(leg: Leg, cutoffs: Cutoffs | null): Promise<readonly Leg[]> {
    const named = namedMarkets(leg);
    if (named !== null) return this.#coverRecords(leg as ListLeg, named);
    const found = subjectOf(leg);
    if (found === null) return [leg];
    const cutoff = cutoffs === null ? null : cutoffs[cutoffOf[found.subject.kind]];
    const known = (await this.#shelf.files(found.subject)).map((file) => trusted(file, cutoff));
    return cutByKnown(spanOf(found.leg), known)
      .map((part) => {
        const asked = narrowed(found.leg, part);
        return part.known ? cachedLeg(asked, part, found.subject, cutoff) : asked;
      })
      .reverse();
  }

  async #coverRecords(leg: ListLeg, named: readonly string[]): Promise<readonly Leg[]> {
    const kept: string[] = [];
    const asked: string[] = [];
    for (const ticker of named) ((await this.#record(ticker)) === null ? asked : kept).push(ticker);
    const parts: Leg[] = [];
    if (kept.length > 0) {
      const part = aboutMarkets(leg, kept);
      parts.push(cachedLeg(part, spanOf(part), recordOf(kept.length === 1 ? kept[0]! : ""), null));
    }
    if (asked.length > 0) parts.push(kept.length === 0 ? leg : aboutMarkets(leg, asked));
    return parts;
  }

  async *#readRecords(leg: ListLeg, named: readonly string[]): AsyncGenerator<CachedRows, readonly Leg[]> {
    const missing: string[] = [];
    for (const ticker of named) {
      const file = await this.#record(ticker);
      const lines = file === null ? null : await this.#shelf.lines(file);
      if (file === null || lines === null) missing.push(ticker);
      else yield { items: lines.map((line) => JSON.parse(line) as unknown), fetched: file.fetched };
    }
    return missing.length === 0 ? [] : [aboutMarkets(leg, missing)];
  }

  async #record(ticker: string): Promise<KeptFile | null> {
    const files = await this.#shelf.files(recordOf(ticker));
    return files.find(({ closed, rows }) => closed && rows === 1) ?? null;
  }
}

function cachedLeg(instead: KeepableLeg, span: Span, subject: Subject, cutoff: Timestamp | null): CachedLeg {
  const ticker = subject.kind === "markets" || subject.key === "" ? null : subject.key;
  return {
    kind: "cached",
    tier: "historical",
    endpoint: endpointOf(instead),
    ticker,
    ...boundsOf(span),
    cutoff,
    instead,
  };
}

/** Of the files that know what lies right before a moment, the one that reaches farthest down from it. */
function reachingUpTo(files: readonly KeptFile[], end: Timestamp, cutoff: Timestamp | null): KeptFile | null {
  let best: KeptFile | null = null;
  for (const file of files) {
    const { from, to } = trusted(file, cutoff);
    if (from < end && to >= end && (best === null || from < best.span.from)) best = file;
  }
  return best;
}

/** Where the known part below a moment ends. */
function nextBelow(files: readonly KeptFile[], end: Timestamp, cutoff: Timestamp | null): Timestamp {
  const ends = files.map((file) => trusted(file, cutoff)).filter(({ from, to }) => from < to && to < end);
  return Math.max(Number.NEGATIVE_INFINITY, ...ends.map(({ to }) => to));
}

function* chunks(file: KeptFile, lines: readonly string[], part: Span): Generator<CachedRows> {
  const { from, to } = file.span;
  const whole = part.from <= from && part.to >= to;
  for (let at = 0; at < lines.length; at += PAGE) {
    const items = lines.slice(at, at + PAGE).map((line) => JSON.parse(line) as unknown);
    const wanted = whole ? items : items.filter((item) => isIn(file, item, part));
    if (wanted.length > 0) yield { items: wanted, fetched: file.fetched };
  }
}

function isIn(file: KeptFile, item: unknown, { from, to }: Span): boolean {
  const { created_time: created, start_period_ts: start } = item as Readonly<Record<string, unknown>>;
  if (file.kind === "markets") return true;
  const time = file.kind === "trades" ? parseTime(String(created)) : Number(start) * 1_000_000;
  return time >= from && time < to;
}
