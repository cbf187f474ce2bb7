import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ColumnTable } from "arquero";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rawOf } from "../../src/frames/exact.js";
import { provenance } from "../../src/frames/provenance.js";
import { formatCount } from "../../src/units/count.js";
import { formatPrice } from "../../src/units/price.js";
import { formatTime, parseTime, type Timestamp } from "../../src/units/time.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";
import { folder, whyNot } from "../support/real-data.js";

interface TradeFigures {
  readonly trade_id: string;
  readonly created_time: string;
  readonly yes_price_dollars: string;
  readonly count_fp: string;
  readonly taker_side: string;
}

interface MarketFigures {
  readonly trades: number;
  readonly contracts: string;
  readonly vwap_yes_dollars: string | null;
  readonly first_trade: TradeFigures | null;
  readonly last_trade: TradeFigures | null;
}

interface CandleFigures {
  readonly end_period_ts: number;
  readonly trades: number;
  readonly [figure: string]: unknown;
}

interface Expected {
  readonly total: { readonly trades: number; readonly contracts: string };
  readonly all_markets: Readonly<Record<string, MarketFigures>>;
  readonly candles_60: { readonly ticker: string; readonly candles: readonly CandleFigures[] };
}

const SERIES = "KXHIGHNY";

describe.skipIf(whyNot !== null)(
  `the real records of ${SERIES}, downloaded through the client across the cutoff${whyNot === null ? "" : ` (skipped: ${whyNot})`}`,
  () => {
    const out = mkdtempSync(join(tmpdir(), "kalshi-lab-real-"));
    let expected: Expected;
    let running: LabAndSandbox;
    let trades: ColumnTable;
    let cutoff: Timestamp;

    beforeAll(async () => {
      expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
      running = await labAndSandbox({ data: folder });
      trades = await running.lab.trades({ series: SERIES });
      cutoff = parseTime(provenance(trades)!.cutoffs!.trades_created!);
    });

    afterAll(async () => {
      await running.close();
      rmSync(out, { recursive: true, force: true });
    });

    it("no trade is missing and none comes twice, with more than 13,000 on each side of the cutoff", () => {
      const ids = new Set(trades.array("trade_id") as string[]);
      expect(ids.size).toBe(expected.total.trades);
      expect(trades.numRows()).toBe(expected.total.trades);
      const older = rawOf(trades, "created_time").filter((time) => time! < cutoff).length;
      expect(older).toBeGreaterThan(13_000);
      expect(trades.numRows() - older).toBeGreaterThan(13_000);
    });

    it("says which endpoints served it, and that it is all there is", () => {
      const origin = provenance(trades)!;
      expect(origin.complete).toBe(true);
      expect(origin.sources.map(({ tier, endpoint }) => `${tier} ${endpoint}`).sort()).toEqual([
        "historical GET /historical/trades",
        "live GET /markets/trades",
      ]);
      expect(origin.sources.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(expected.total.trades);
    });

    it("every market has the expected trades, contracts, volume-weighted price, first and last trade", () => {
      expect(marketFigures(trades)).toEqual(withoutIdle(expected.all_markets));
    });

    it("the Parquet file written of it gives the same figures when DuckDB reads it back", async () => {
      const path = join(out, "trades.parquet");
      const saved = await running.lab.trades({ series: SERIES }).save(path);
      expect(saved.rows).toBe(expected.total.trades);
      expect(await parquetFigures(path)).toEqual(withoutIdle(expected.all_markets));
    });

    it("the candles are those computed from the trades, in both tiers' one schema", async () => {
      const { ticker, candles } = expected.candles_60;
      const table = await running.lab.candlesticks({ ticker, from: "2024-12-10", to: "2024-12-11", period: 60 });
      const columns = Object.fromEntries(table.columnNames().map((name) => [name, table.array(name) as unknown[]]));
      const raw = (name: string): (number | null)[] => rawOf(table, name);
      expect(raw("end_time")).toEqual(candles.map((candle) => candle.end_period_ts * 1e6));
      for (const [row, candle] of candles.entries()) {
        const figures: Record<string, unknown> = { volume_fp: formatCount(raw("volume")[row]!) };
        for (const name of ["open", "high", "low", "close", "previous"])
          figures[`${name}_dollars`] = formatPrice(raw(`price_${name}`)[row]!);
        figures.mean_dollars_6 = formatPrice(raw("price_mean")[row]!, 6);
        for (const [name, value] of Object.entries(figures)) {
          expect(`${name} ${String(value)}`).toBe(`${name} ${String(candle[name])}`);
        }
        expect(columns.yes_bid_close?.[row]).toBeNull();
      }
    });

    function withoutIdle(markets: Readonly<Record<string, MarketFigures>>): Record<string, MarketFigures> {
      return Object.fromEntries(Object.entries(markets).filter(([, { trades: count }]) => count > 0));
    }
  },
);

function marketFigures(table: ColumnTable): Record<string, MarketFigures> {
  const tickers = table.array("ticker") as string[];
  const ids = table.array("trade_id") as string[];
  const sides = table.array("taker_side") as string[];
  const [times, prices, counts] = ["created_time", "yes_price", "count"].map((name) => rawOf(table, name) as number[]);
  const trade = (row: number): TradeFigures => ({
    trade_id: ids[row]!,
    created_time: formatTime(times![row]!),
    yes_price_dollars: formatPrice(prices![row]!),
    count_fp: formatCount(counts![row]!),
    taker_side: sides[row]!,
  });
  const rowsOf = Map.groupBy(tickers.keys(), (row) => tickers[row]!);
  return Object.fromEntries(
    [...rowsOf].map(([ticker, rows]) => {
      const contracts = rows.reduce((sum, row) => sum + BigInt(counts![row]!), 0n);
      const notional = rows.reduce((sum, row) => sum + BigInt(prices![row]!) * BigInt(counts![row]!), 0n);
      const figures: MarketFigures = {
        trades: rows.length,
        contracts: formatCount(Number(contracts)),
        vwap_yes_dollars: formatPrice(Number((2n * notional + contracts) / (2n * contracts)), 6),
        first_trade: trade(rows[0]!),
        last_trade: trade(rows.at(-1)!),
      };
      return [ticker, figures];
    }),
  );
}

/** The same figures by another engine, from the file alone. */
async function parquetFigures(path: string): Promise<Record<string, MarketFigures>> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const trade = (
    which: "min" | "max",
  ): string => `arg_${which}(struct_pack(trade_id := trade_id::VARCHAR, at := epoch_us(created_time),
    price := (yes_price * 1000000)::BIGINT, n := (count * 100)::BIGINT, side := taker_side), (created_time, trade_id::VARCHAR))`;
  const reader = await connection.runAndReadAll(`
    SELECT ticker, count(*)::INTEGER AS trades, sum(count)::DECIMAL(18,2)::VARCHAR AS contracts,
      (2 * sum((yes_price * 1000000)::HUGEINT * (count * 100)::HUGEINT) + sum((count * 100)::HUGEINT)) // (2 * sum((count * 100)::HUGEINT)) AS vwap,
      ${trade("min")} AS first, ${trade("max")} AS last
    FROM read_parquet('${path}') GROUP BY ticker`);
  connection.closeSync();
  const tradeOf = (value: unknown): TradeFigures => {
    const one = value as { trade_id: string; at: string; price: string; n: string; side: string };
    return {
      trade_id: one.trade_id,
      created_time: formatTime(Number(one.at)),
      yes_price_dollars: formatPrice(Number(one.price)),
      count_fp: formatCount(Number(one.n)),
      taker_side: one.side,
    };
  };
  return Object.fromEntries(
    reader.getRowObjectsJson().map((row) => [
      String(row.ticker),
      {
        trades: Number(row.trades),
        contracts: String(row.contracts),
        vwap_yes_dollars: formatPrice(Number(row.vwap), 6),
        first_trade: tradeOf(row.first),
        last_trade: tradeOf(row.last),
      },
    ]),
  );
}
