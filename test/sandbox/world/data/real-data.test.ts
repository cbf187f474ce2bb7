import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { parseCount } from "../../../../src/units/count.js";
import { formatAmount, notional } from "../../../../src/units/money.js";
import { parsePrice } from "../../../../src/units/price.js";
import { parseTime } from "../../../../src/units/time.js";
import { folder, whyNot } from "../../../support/real-data.js";
import { allPages, getSigned } from "../../../support/sandbox-call.js";

interface WireTrade {
  readonly trade_id: string;
  readonly ticker: string;
  readonly count_fp: string;
  readonly yes_price_dollars: string;
  readonly created_time: string;
  readonly taker_side: string;
}

interface Figures {
  readonly trades: number;
  readonly contracts: string;
  readonly vwap_yes_dollars: string | null;
  readonly first_trade: Omit<WireTrade, "ticker"> | null;
  readonly last_trade: Omit<WireTrade, "ticker"> | null;
}

interface HistoricalCandle {
  readonly end_period_ts: number;
  readonly price: Readonly<Record<string, string | null>>;
  readonly volume: string;
  readonly open_interest: string;
  readonly yes_bid: Readonly<Record<string, string>>;
  readonly yes_ask: Readonly<Record<string, string>>;
}

interface Expected {
  readonly total: { readonly trades: number; readonly markets: number };
  readonly all_markets: Readonly<Record<string, Figures>>;
  readonly candles_60: { readonly ticker: string; readonly candles: readonly Readonly<Record<string, unknown>>[] };
}

describe.skipIf(whyNot !== null)(`a folder of real records (${whyNot ?? "served as it is"})`, () => {
  let sandbox: Sandbox;
  let expected: Expected;
  beforeAll(async () => {
    expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
    sandbox = await startSandbox({ data: folder, tier: "prestige" });
  });
  afterAll(() => sandbox?.close());

  it("gives from both tiers together every trade once and the figures of every market", async () => {
    const [live, historical] = await Promise.all([
      allPages<WireTrade>(sandbox, "/markets/trades?limit=1000", "trades"),
      allPages<WireTrade>(sandbox, "/historical/trades?limit=1000", "trades"),
    ]);
    const isReal = ({ ticker }: WireTrade) => !ticker.startsWith("SANDBOX");
    const [liveReal, historicalReal] = [live.rows.filter(isReal), historical.rows.filter(isReal)];
    expect(liveReal.length).toBeGreaterThan(13_000);
    expect(historicalReal.length).toBeGreaterThan(13_000);
    const trades = new Map([...historicalReal, ...liveReal].map((trade) => [trade.trade_id, trade]));
    expect(trades.size).toBe(expected.total.trades);
    // Both tiers have the hours before the cutoff.
    expect(liveReal.length + historicalReal.length).toBeGreaterThan(trades.size);
    expect(figuresOf([...trades.values()], Object.keys(expected.all_markets))).toEqual(expected.all_markets);
  });

  it("has every market in one of the tiers, in the folder's own words", async () => {
    const [live, historical] = await Promise.all([
      allPages<Record<string, unknown>>(sandbox, "/markets?series_ticker=KXHIGHNY&limit=1000", "markets"),
      allPages<Record<string, unknown>>(sandbox, "/historical/markets?series_ticker=KXHIGHNY&limit=1000", "markets"),
    ]);
    const markets = new Map([...live.rows, ...historical.rows].map((market) => [market.ticker, market]));
    expect(markets.size).toBe(expected.total.markets);
    for (const line of readFileSync(join(folder, "markets.ndjson"), "utf8").trim().split("\n")) {
      const market = JSON.parse(line) as Record<string, unknown>;
      expect(markets.get(market.ticker)).toMatchObject(market);
    }
  });

  it("makes the candles that follow from the trades, with the exact mean, and no quotes", async () => {
    const { ticker, candles } = expected.candles_60;
    const ends = candles.map(({ end_period_ts }) => Number(end_period_ts));
    const { body } = await getSigned<{ candlesticks: HistoricalCandle[] }>(
      sandbox,
      `/historical/markets/${ticker}/candlesticks?start_ts=${Math.min(...ends)}&end_ts=${Math.max(...ends)}&period_interval=60`,
    );
    const found = body.candlesticks.map(({ end_period_ts, price, volume, yes_bid, yes_ask, open_interest }) => {
      const { open, high, low, close, previous, mean } = price;
      expect([yes_bid, yes_ask]).toEqual(Array(2).fill({ open: "", high: "", low: "", close: "" }));
      expect(open_interest).toBe("");
      return { end_period_ts, open, high, low, close, previous, volume, mean: parsePrice(mean ?? "") };
    });
    expect(found).toEqual(
      candles.map((candle) => ({
        end_period_ts: candle.end_period_ts,
        open: candle.open_dollars,
        high: candle.high_dollars,
        low: candle.low_dollars,
        close: candle.close_dollars,
        previous: candle.previous_dollars,
        volume: candle.volume_fp,
        mean: parsePrice(candle.mean_dollars_6 as string),
      })),
    );
  });

  it("puts the cutoff where it is told", async () => {
    const other = await startSandbox({ data: folder, cutoff: "2025-03-10T17:00:00Z" });
    const { body } = await getSigned(other, "/historical/cutoff");
    expect(body).toMatchObject({
      market_settled_ts: "2025-03-10T00:00:00Z",
      trades_created_ts: "2025-03-10T00:00:00Z",
      market_positions_last_updated_ts: "2025-03-10T00:00:00Z",
      orders_updated_ts: "2025-03-18T00:00:00Z",
    });
    await other.close();
  });
});

function figuresOf(trades: readonly WireTrade[], tickers: readonly string[]): Record<string, Figures> {
  const byTicker = new Map<string, WireTrade[]>(tickers.map((ticker) => [ticker, []]));
  for (const trade of trades) byTicker.get(trade.ticker)!.push(trade);
  return Object.fromEntries([...byTicker].map(([ticker, list]) => [ticker, figures(list)]));
}

function figures(trades: WireTrade[]): Figures {
  const time = ({ created_time }: WireTrade) => parseTime(created_time);
  trades.sort((a, b) => time(a) - time(b) || (a.trade_id < b.trade_id ? -1 : 1));
  let [count, sum] = [0, 0n];
  for (const trade of trades) {
    count += parseCount(trade.count_fp);
    sum += notional(parsePrice(trade.yes_price_dollars), parseCount(trade.count_fp));
  }
  const pick = (trade: WireTrade | undefined) => {
    if (trade === undefined) return null;
    const { trade_id, created_time, yes_price_dollars, count_fp, taker_side } = trade;
    return { trade_id, created_time, yes_price_dollars, count_fp, taker_side };
  };
  return {
    trades: trades.length,
    contracts: `${Math.floor(count / 100)}.00`,
    vwap_yes_dollars: count === 0 ? null : formatAmount((sum * 100n) / BigInt(count)),
    first_trade: pick(trades[0]),
    last_trade: pick(trades.at(-1)),
  };
}
