import { table } from "arquero";
import { chart } from "../../src/charts/all.js";
import type { PageFigure } from "../../src/charts/html.js";
import { historySeries } from "../../src/cli/tour/history.js";
import type { Lab } from "../../src/lab/lab.js";
import { captioned } from "./caption.js";

const HOUR = 3_600_000;
const BEFORE = [24, 12, 6] as const;

/** How far a normal variable is from its mean in nineteen of twenty cases. */
const Z = 1.959964;

interface MarketRow {
  readonly ticker: string;
  readonly event_ticker: string;
  readonly close_time: number;
  readonly result: string | null;
  readonly floor_strike: number | null;
  readonly cap_strike: number | null;
  readonly volume: number;
}

/** Prices of a series as forecasts: how often they were right, and what those of its busiest event said together. */
export async function forecastCharts(lab: Lab): Promise<PageFigure[]> {
  const series = await historySeries(lab);
  const markets = ((await lab.markets({ series })).objects() as MarketRow[]).filter(({ result }) => result);
  const trades = await lab.trades({ series });
  const [tickers, times, prices] = ["ticker", "created_time", "yes_price"].map((name) => trades.array(name));
  const byMarket = new Map<string, { time: number; price: number }[]>();
  for (const [row, ticker] of (tickers as string[]).entries()) {
    const list = byMarket.get(ticker) ?? [];
    byMarket.set(ticker, list);
    list.push({ time: (times as number[])[row]!, price: (prices as number[])[row]! });
  }
  const priceAt = ({ ticker, close_time }: MarketRow, hours: number) =>
    byMarket.get(ticker)?.findLast(({ time }) => time <= close_time - hours * HOUR)?.price ?? null;
  const bins = BEFORE.flatMap((hours) =>
    binned(
      `${hours}h`,
      markets.flatMap((market) => {
        const price = priceAt(market, hours);
        return price === null ? [] : [{ price, happened: market.result === "yes" }];
      }),
    ),
  );
  const busiest = markets.reduce((most, one) => (one.volume > most.volume ? one : most)).event_ticker;
  const implied = impliedBy(
    busiest,
    markets.filter((one) => one.event_ticker === busiest),
    (market) => priceAt(market, 24),
  );
  const one = bins.filter(({ before }) => before === "24h");
  return [
    captioned(
      "chart.calibration(bins)",
      chart.calibration(columns(one), { title: `${series}: calibration a day before close` }),
    ),
    captioned("chart.calibration(bins)", chart.calibration(columns(bins), { title: `${series}: calibration` })),
    captioned(
      "chart.distribution(implied, { quantity })",
      chart.distribution(implied, {
        quantity: "highest temperature (°F)",
        title: `${busiest}: implied distribution a day before close`,
      }),
    ),
  ];
}

function binned(before: string, forecasts: readonly { price: number; happened: boolean }[]) {
  return Array.from({ length: 10 }, (_, bin) =>
    forecasts.filter(({ price }) => Math.floor(price * 10 + 1e-9) === bin),
  ).flatMap((members, bin) => {
    const n = members.length;
    if (n === 0) return [];
    const rate = members.filter(({ happened }) => happened).length / n;
    // Wilson's score interval.
    const middle = (rate + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
    const half = (Z * Math.sqrt((rate * (1 - rate)) / n + Z ** 2 / (4 * n ** 2))) / (1 + Z ** 2 / n);
    const mean_price = members.reduce((sum, { price }) => sum + price, 0) / n;
    const [price_from, price_to] = [bin / 10, (bin + 1) / 10];
    return [
      {
        before,
        bin: bin + 1,
        price_from,
        price_to,
        forecasts: n,
        mean_price,
        outcome_rate: rate,
        low: middle - half,
        high: middle + half,
        band: "wilson",
      },
    ];
  });
}

/** Prices of an event's ranges made to add up to one, with mean and quantiles; degrees are whole, so an edge is half way between. */
function impliedBy(event_ticker: string, markets: readonly MarketRow[], priceOf: (market: MarketRow) => number | null) {
  const edge = (of: "floor" | "cap", { floor_strike, cap_strike }: MarketRow) => {
    const both = floor_strike !== null && cap_strike !== null;
    if (of === "floor") return floor_strike === null ? null : floor_strike + (both ? -0.5 : 0.5);
    return cap_strike === null ? null : cap_strike + (both ? 0.5 : -0.5);
  };
  const sum = markets.reduce((total, market) => total + (priceOf(market) ?? 0), 0);
  const rows = markets
    .map((market) => ({
      value_from: edge("floor", market),
      value_to: edge("cap", market),
      probability: (priceOf(market) ?? 0) / sum,
    }))
    .sort((a, b) => (a.value_from ?? Number.NEGATIVE_INFINITY) - (b.value_from ?? Number.NEGATIVE_INFINITY));
  const bounded = rows.map(({ value_from, value_to, probability }) => ({
    from: value_from ?? value_to! - 2,
    to: value_to ?? value_from! + 2,
    probability,
  }));
  const mean = bounded.reduce((total, { from, to, probability }) => total + ((from + to) / 2) * probability, 0);
  const quantile = (share: number) => {
    let below = 0;
    for (const { from, to, probability } of bounded) {
      if (below + probability >= share) return from + ((share - below) / probability) * (to - from);
      below += probability;
    }
    return bounded.at(-1)!.to;
  };
  return { table: columns(rows), event_ticker, mean, quantile };
}

function columns(rows: readonly Readonly<Record<string, unknown>>[]) {
  return table(Object.fromEntries(Object.keys(rows[0]!).map((name) => [name, rows.map((row) => row[name])])));
}
