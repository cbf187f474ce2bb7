import type { Client, QueryValues } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { candlestickFields } from "../exchange/candlestick.js";
import { always, asObject, readField, type WireObject } from "../exchange/field.js";
import { DAY, fromSeconds, MINUTE, type Timestamp, toSeconds } from "../units/time.js";
import type { CandlestickLeg, Plan } from "./plan.js";
import { type FoundMarket, isLongSettled, type Reach, resolveMarkets } from "./resolve.js";
import type { Selection } from "./selection.js";
import { candleBounds, reachOf } from "./spans.js";

/** Minutes of a candle. */
export type Interval = 1 | 60 | 1440;

/** Candles one answer may hold over all its markets; what is documented is 10 000, what is safe for one market 5 000. */
const PER_ANSWER = 5_000;
const MARKETS_PER_ANSWER = 100;

/**
 * Candles of markets, each from the tier its settlement puts it in: live unless settled before the cutoff. A candle belongs to
 * [from, to) by its start; without bounds it is the market's life from opening to close.
 *
 * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`
 * @see API: 8 Candlesticks, 10.3 Routing
 */
export async function routeCandlesticks(
  client: Client,
  selection: Selection,
  interval: Interval,
  now: Timestamp,
  reach: Reach = {},
): Promise<Plan> {
  const { cutoffs, markets: all } = await resolveMarkets(client, selection, reach);
  const markets = all.filter((found) => hasCandlesIn(found, selection));
  const historical = markets.filter((found) => isHistorical(found, cutoffs.market_settled));
  const live = markets.filter((found) => !isHistorical(found, cutoffs.market_settled));
  const legs = [
    ...historical.flatMap((found) =>
      chunks([found], "historical", selection, interval, now).map((leg) => ({
        ...leg,
        closed: isLongSettled(found, cutoffs),
      })),
    ),
    ...groups(live, selection, interval, now).flatMap((group) => chunks(group, "live", selection, interval, now)),
  ];
  return { noun: "candlesticks", legs, cutoffs, from: selection.from, to: selection.to, inOrder: false };
}

const marketTicker = always("text", "market_ticker", "market");

/** Candles of a leg, and the markets of which nothing was said. */
export interface CandlestickAnswer {
  readonly candles: readonly WireObject[];
  readonly lacking: readonly string[];
}

/**
 * Candles of one leg as the exchange sends them, with what it leaves to the request added. A market that the live answer leaves out may
 * have been archived meanwhile and is asked for there.
 *
 * @throws KalshiError `BAD_RECORD` for an answer of unknown shape
 */
export async function fetchCandlesticks(
  client: Client,
  leg: CandlestickLeg,
  signal?: AbortSignal,
): Promise<CandlestickAnswer> {
  if (leg.tier === "historical") return archivedCandles(client, leg, leg.tickers, signal);
  const query = { ...spanQuery(leg), market_tickers: leg.tickers.join(",") };
  const answer = asObject(
    "candlesticks",
    await client.json({ path: "/markets/candlesticks", access: "public", query, signal }),
  );
  const answered = new Set<string>();
  const candles = listOf("markets", answer).flatMap((raw) => {
    const market = asObject("candlesticks of a market", raw);
    const ticker = readField("candlesticks of a market", "ticker", marketTicker, market) as string;
    answered.add(ticker);
    return filledIn(ticker, market, leg);
  });
  const absent = leg.tickers.filter((ticker) => !answered.has(ticker));
  if (absent.length === 0) return { candles, lacking: [] };
  const archived = await archivedCandles(client, { ...leg, mayBeMissing: true }, absent, signal);
  return { candles: [...candles, ...archived.candles], lacking: archived.lacking };
}

async function archivedCandles(
  client: Client,
  leg: CandlestickLeg,
  tickers: readonly string[],
  signal: AbortSignal | undefined,
): Promise<CandlestickAnswer> {
  const candles: WireObject[] = [];
  const lacking: string[] = [];
  for (const ticker of tickers) {
    const path = `/historical/markets/${encodeURIComponent(ticker)}/candlesticks`;
    const answer = await orMissing(leg, client.json({ path, access: "public", query: spanQuery(leg), signal }));
    if (answer === null) lacking.push(ticker);
    else candles.push(...filledIn(ticker, asObject("candlesticks", answer), leg));
  }
  // A market that only may be on this side has been answered for on the other.
  return { candles, lacking: leg.tier === "historical" ? [] : lacking };
}

function spanQuery(leg: CandlestickLeg): QueryValues {
  return { start_ts: leg.startTs, end_ts: leg.endTs, period_interval: leg.interval };
}

/** Candles of an answer with ticker, interval and start, those of [from, to) by their start. */
function filledIn(ticker: string, answer: WireObject, leg: CandlestickLeg): WireObject[] {
  const candles = listOf("candlesticks", answer).map((raw) => {
    const candle = asObject("candlestick", raw);
    const end = readField("candlestick", "end_time", candlestickFields.end_time, candle) as Timestamp;
    const start = candleStart(toSeconds(end), leg.interval);
    return { ...candle, ticker, period_interval: leg.interval, start_period_ts: start };
  });
  return candles.filter(({ start_period_ts: start }) => fromSeconds(start) >= leg.from && fromSeconds(start) < leg.to);
}

async function orMissing(leg: CandlestickLeg, answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (leg.mayBeMissing && error instanceof KalshiError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** Where the candle that ends at `endTs` (Unix seconds) starts. Daily candles run from midnight to midnight Eastern. */
export function candleStart(endTs: number, interval: Interval): number {
  if (interval !== 1440) return endTs - interval * 60;
  // A day of the clock change has 23 or 25 hours: the midnight before lies that far back.
  for (const hours of [24, 23, 25]) {
    const start = endTs - hours * 3600;
    if (easternHour(start) === 0) return start;
  }
  return endTs - 86_400;
}

function isHistorical({ market, tier }: FoundMarket, cutoff: Timestamp): boolean {
  if (tier === "historical") return true;
  return market.settlement_time !== null && market.settlement_time < cutoff;
}

/** A market that was settled before the span, or opens after it, has no candle in it; a day of slack, since both times may have been moved. */
function hasCandlesIn({ market }: FoundMarket, { from, to }: Selection): boolean {
  if (to !== null && market.open_time - 2 * DAY >= to) return false;
  return from === null || market.settlement_time === null || market.settlement_time + DAY > from;
}

function span(
  { market }: FoundMarket,
  selection: Selection,
  interval: Interval,
  now: Timestamp,
): readonly [Timestamp, Timestamp] {
  // The candle that holds the opening starts up to a period before it.
  const first = market.open_time - reachOf(interval);
  const last = Math.min(market.close_time, now) + 1;
  // Both times may have been moved, and an open market's close may move on: a day of slack, and not the years that a span may have besides.
  const over = market.status === "finalized" ? market.close_time : Math.max(market.close_time, now);
  return [
    selection.from === null ? first : Math.max(selection.from, first - DAY),
    selection.to === null ? last : Math.min(selection.to, over + DAY),
  ];
}

function chunks(
  group: readonly FoundMarket[],
  tier: "live" | "historical",
  selection: Selection,
  interval: Interval,
  now: Timestamp,
): CandlestickLeg[] {
  const spans = group.map((found) => span(found, selection, interval, now));
  const from = Math.min(...spans.map(([start]) => start));
  const to = Math.max(...spans.map(([, end]) => end));
  const step = Math.max(1, Math.floor(PER_ANSWER / group.length)) * interval * MINUTE;
  const legs: CandlestickLeg[] = [];
  for (let start = from; start < to; start += step) {
    const end = Math.min(to, start + step);
    legs.push({
      kind: "candlesticks",
      tier,
      tickers: group.map(({ market }) => market.ticker),
      interval,
      ...candleBounds({ from: start, to: end }, interval),
      mayBeMissing: false,
    });
  }
  return legs;
}

/** Live markets asked together: near each other in time, so that a shared span wastes little. */
function groups(
  markets: readonly FoundMarket[],
  selection: Selection,
  interval: Interval,
  now: Timestamp,
): FoundMarket[][] {
  const result: FoundMarket[][] = [];
  let count = 0;
  let open = 0;
  let close = 0;
  for (const found of [...markets].sort((a, b) => a.market.open_time - b.market.open_time)) {
    const [from, to] = span(found, selection, interval, now);
    const group = result.at(-1);
    const candles = (Math.max(close, to) - Math.min(open, from)) / (interval * MINUTE);
    if (group !== undefined && count < MARKETS_PER_ANSWER && candles * (count + 1) <= PER_ANSWER) {
      group.push(found);
      [count, open, close] = [count + 1, Math.min(open, from), Math.max(close, to)];
    } else {
      result.push([found]);
      [count, open, close] = [1, from, to];
    }
  }
  return result;
}

const eastern = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", hour: "numeric", hourCycle: "h23" });

function easternHour(seconds: number): number {
  return Number(eastern.format(seconds * 1000));
}

function listOf(key: string, answer: WireObject): readonly unknown[] {
  const list = answer[key];
  if (Array.isArray(list)) return list as unknown[];
  throw new KalshiError(
    "BAD_RECORD",
    `candlesticks: field \`${key}\` should be a list, was ${JSON.stringify(list) ?? "absent"}`,
    {
      hint: "the answer is refused rather than guessed at; if the exchange changed its shape, update this library",
      context: { field: key },
    },
  );
}
