import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { impliedFrame } from "../../frames/coherence.js";
import { tableOfRecords } from "../../frames/frame.js";
import { DOLLAR } from "../../units/price.js";
import { objectGiven } from "../given.js";
import { pricesOf } from "../given-amounts.js";
import { type Needed, tableGiven } from "../given-rows.js";
import { withOriginsOf } from "../joins/origins.js";
import { monotone } from "./monotone.js";
import { areExclusive, areExhaustive, type StrikeEvent, type StrikeMarket, strikeEvents } from "./strikes.js";

export interface ImpliedOptions {
  /** Column of YES prices. Default: the midpoint of `yes_bid` and `yes_ask`, a side that is empty counting 0 and $1, both of them no price. */
  readonly price?: string | undefined;
  /** How fine the values are, such as 1 for whole degrees; 0 for values without a step. Default: as fine as the strikes. */
  readonly step?: number | undefined;
  /** Where the open tails are taken to end. Default: each is as wide as the span next to it. */
  readonly tails?: { readonly lower?: number | undefined; readonly upper?: number | undefined } | undefined;
}

/** What the prices of an event's markets say of the value it is about. */
export interface ImpliedDistribution {
  readonly event_ticker: string;
  /** `spans`: markets that exclude each other; `ladder`: markets above or below strikes. */
  readonly kind: "spans" | "ladder";
  /** One row per span, ascending. */
  readonly table: ColumnTable;
  /** Of the value, each span's probability being spread evenly over it; null where a tail has no width to take. */
  readonly mean: number | null;
  /** The value below which it lies with the probability, 0 to 1; null likewise. In a tail it is an assumption: see `tails`. */
  readonly quantile: (share: number) => number | null;
  /** Probability of the open spans at both ends. */
  readonly tails: { readonly lower: number; readonly upper: number };
  /** Sum of the prices of markets that exclude each other, 1 where they are coherent; null of a ladder. */
  readonly sum: number | null;
  /** The largest change that the repair made to a probability (spans) or to a price (ladder); 0 where nothing was incoherent. */
  readonly repaired: number;
  /** Markets without a price, taken for impossible (spans) or left out (ladder). */
  readonly unpriced: number;
  /** Whether the markets cover every value. What they do not cover is taken for impossible. */
  readonly exhaustive: boolean;
}

/** A span with its probability before and after the repair. */
interface Span {
  readonly ticker: string | null;
  readonly from: number;
  readonly to: number;
  readonly raw: number | null;
  readonly probability: number;
}

/**
 * The distribution of a value by the prices of an event's markets over its strikes (`between`, `greater`, `less` and their like).
 *
 * Markets that exclude each other, some of them between two strikes, are spans: their prices are divided by their sum. Markets above or below strikes are a ladder: each price is a
 * point of the distribution function, points that fall where they should rise are replaced by their mean (isotonic regression), and spans
 * lie between them. Values with a step lie in spans half a step wider on either side: whole degrees of 48 to 49 are 47.5 to 49.5. A span's
 * probability is spread evenly over it; an open tail is taken to be as wide as the span next to it unless `tails` says where it ends.
 *
 * Columns of `table`: `event_ticker`, `ticker`, `value_from`, `value_to` (null: open), `assumed_from`, `assumed_to`, `raw_probability`,
 * `probability`, `cumulative`.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_PRICE`; `BAD_ARGUMENT` for markets of several events, or of strikes that are neither; `BAD_RECORD`
 * for a market without strikes, or that is there twice, or when no market has a price
 */
export function impliedDistribution(markets: ColumnTable, options: ImpliedOptions = {}): ImpliedDistribution {
  objectGiven("options", options);
  const priceColumns: Needed[] = options.price === undefined ? ["yes_bid", "yes_ask"] : [options.price];
  tableGiven("markets", markets, [
    "ticker",
    "event_ticker",
    "strike_type",
    ["floor_strike", "cap_strike"],
    ...priceColumns,
  ]);
  const events = strikeEvents(markets, options.step);
  const [event] = events;
  if (event === undefined || events.length > 1) throw notOneEvent(events.map((one) => one.event));
  for (const { ticker, range } of event.markets) if (range === null) throw noStrikes(ticker);
  const prices = probabilitiesOf(markets, event, options.price);
  // Markets that are only above or below strikes say what lies between them, also where they exclude each other.
  const hasBetween = event.markets.some(({ range }) => isBounded(range!));
  const isApart = hasBetween && areExclusive(event.markets) === true;
  if (!isApart && hasBetween) throw mixed(event.event);
  const { spans, repaired } = isApart ? spansOf(event, prices) : ladderOf(event, prices);
  const ends = assumedEnds(spans, options.tails ?? {});
  let cumulative = 0;
  const records = spans.map((span, at) => {
    cumulative = at === spans.length - 1 ? 1 : cumulative + span.probability;
    return {
      ...{ event_ticker: event.event, ticker: span.ticker },
      ...{ value_from: finite(span.from), value_to: finite(span.to) },
      ...{ assumed_from: ends[at]!.from, assumed_to: ends[at]!.to },
      ...{ raw_probability: span.raw, probability: span.probability, cumulative },
    };
  });
  const tail = (span: Span | undefined, end: number) => (Math.abs(end) === Infinity ? (span?.probability ?? 0) : 0);
  return {
    event_ticker: event.event,
    kind: isApart ? "spans" : "ladder",
    table: withOriginsOf(tableOfRecords(impliedFrame, records), [markets]),
    mean: meanOf(spans, ends),
    quantile: (share) => quantileOf(spans, ends, share),
    tails: { lower: tail(spans[0], spans[0]!.from), upper: tail(spans.at(-1), spans.at(-1)!.to) },
    sum: isApart ? prices.reduce<number>((sum, price) => sum + (price ?? 0), 0) : null,
    repaired,
    unpriced: prices.filter((price) => price === null).length,
    exhaustive: !isApart || areExhaustive(event) === true,
  };
}

function isBounded({ from, to }: { readonly from: number; readonly to: number }): boolean {
  return Number.isFinite(from) && Number.isFinite(to);
}

/** Prices from 0 to 1, null where there is none. */
function probabilitiesOf(table: ColumnTable, { markets }: StrikeEvent, name: string | undefined): (number | null)[] {
  if (name === undefined) {
    return markets.map(({ bid, ask }) =>
      bid === null && ask === null ? null : ((bid ?? 0) + (ask ?? DOLLAR)) / 2 / DOLLAR,
    );
  }
  const raw = pricesOf(table, name);
  return markets.map(({ row }) => (raw[row] === null ? null : raw[row]! / DOLLAR));
}

function spansOf({ markets, step, event }: StrikeEvent, prices: readonly (number | null)[]) {
  const sum = prices.reduce<number>((total, price) => total + (price ?? 0), 0);
  if (sum <= 0) throw noPrices(event);
  const spans = markets.map(({ ticker, range }, at): Span => {
    const raw = prices[at] ?? null;
    const edges = { from: range!.from - step / 2, to: range!.to + step / 2 };
    return { ticker, ...edges, raw, probability: (raw ?? 0) / sum };
  });
  const repaired = Math.max(...spans.map(({ raw, probability }) => Math.abs((raw ?? 0) - probability)));
  return { spans: spans.sort((a, b) => a.from - b.from), repaired };
}

function ladderOf({ markets, step, event }: StrikeEvent, prices: readonly (number | null)[]) {
  const byValue = new Map<number, number[]>();
  for (const [at, market] of markets.entries()) {
    const price = prices[at] ?? null;
    if (price === null) continue;
    const { value, below } = pointOf(market, step, price);
    byValue.set(value, [...(byValue.get(value) ?? []), below]);
  }
  if (byValue.size === 0) throw noPrices(event);
  const points = [...byValue].sort(([a], [b]) => a - b);
  const given = points.map(([, list]) => list.reduce((sum, one) => sum + one, 0) / list.length);
  const weights = points.map(([, list]) => list.length);
  const risen = monotone(given, weights);
  const edges = [Number.NEGATIVE_INFINITY, ...points.map(([value]) => value), Number.POSITIVE_INFINITY];
  const [raw, mended] = [
    [0, ...given, 1],
    [0, ...risen, 1],
  ];
  const spans = edges.slice(1).map(
    (to, at): Span => ({
      ...{ ticker: null, from: edges[at]!, to },
      ...{ raw: raw[at + 1]! - raw[at]!, probability: mended[at + 1]! - mended[at]! },
    }),
  );
  const changes = points.flatMap(([, list], at) => list.map((one) => Math.abs(one - risen[at]!)));
  return { spans, repaired: Math.max(...changes) };
}

/** What the price of a market above or below a strike says: the probability of a value below it. */
function pointOf({ range }: StrikeMarket, step: number, price: number): { value: number; below: number } {
  const isAbove = range!.to === Number.POSITIVE_INFINITY;
  return isAbove ? { value: range!.from - step / 2, below: 1 - price } : { value: range!.to + step / 2, below: price };
}

interface Ends {
  readonly from: number | null;
  readonly to: number | null;
}

function assumedEnds(spans: readonly Span[], tails: NonNullable<ImpliedOptions["tails"]>): Ends[] {
  const width = (span: Span | undefined) => (span === undefined || !isBounded(span) ? null : span.to - span.from);
  return spans.map((span, at) => {
    const [below, above] = [width(spans[at + 1]), width(spans[at - 1])];
    const from = finite(span.from) ?? tails.lower ?? (below === null ? null : span.to - below);
    const to = finite(span.to) ?? tails.upper ?? (above === null ? null : span.from + above);
    return { from, to };
  });
}

function meanOf(spans: readonly Span[], ends: readonly Ends[]): number | null {
  let sum = 0;
  for (const [at, { probability }] of spans.entries()) {
    const { from, to } = ends[at]!;
    if (probability === 0) continue;
    if (from === null || to === null) return null;
    sum += (probability * (from + to)) / 2;
  }
  return sum;
}

function quantileOf(spans: readonly Span[], ends: readonly Ends[], share: number): number | null {
  if (!(share >= 0 && share <= 1)) throw noShare(share);
  let below = 0;
  const last = spans.findLastIndex(({ probability }) => probability > 0);
  for (const [at, { probability }] of spans.entries()) {
    const { from, to } = ends[at]!;
    if (probability > 0 && (share <= below + probability || at === last)) {
      if (from === null || to === null) return null;
      return from + Math.min(1, (share - below) / probability) * (to - from);
    }
    below += probability;
  }
  return null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function notOneEvent(events: readonly string[]): KalshiError {
  return new KalshiError(
    "BAD_ARGUMENT",
    `a distribution of ${events.length} events: ${events.slice(0, 3).join(", ")}`,
    {
      hint: "give the markets of one event: markets.filter((d) => d.event_ticker === …)",
      context: { events: events.slice(0, 10) },
    },
  );
}

function noStrikes(ticker: string): KalshiError {
  return new KalshiError("BAD_RECORD", `${ticker}: its strikes do not say at which values it pays`, {
    hint: "some old markets have no strike fields; fill in strike_type, floor_strike and cap_strike, or leave the event out",
    context: { ticker },
  });
}

function mixed(event: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `${event}: its markets overlap, and are no ladder of strikes`, {
    hint: "give the markets that exclude each other, or those above or below strikes, not both",
    context: { event },
  });
}

function noPrices(event: string): KalshiError {
  return new KalshiError("BAD_RECORD", `${event}: no market has a price`, {
    hint: "quotes of settled markets are gone: give a { price } column, such as the one that forecastsAt() makes",
    context: { event },
  });
}

function noShare(share: number): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `no quantile: ${share}`, {
    hint: "give a probability from 0 to 1, such as 0.5 for the median",
    context: { share },
  });
}
