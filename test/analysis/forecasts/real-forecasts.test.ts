import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ColumnTable } from "arquero";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calibration } from "../../../src/analysis/forecasts/calibration.js";
import { forecastScores } from "../../../src/analysis/forecasts/forecast-scores.js";
import { forecastsAt } from "../../../src/analysis/forecasts/forecasts-at.js";
import { literal, withConnection } from "../../../src/datasets/duckdb.js";
import { saveTable } from "../../../src/datasets/write.js";
import { rawOf } from "../../../src/frames/exact.js";
import { whyNot } from "../../support/real-data.js";
import { realMarkets, realTrades } from "../../support/real-tables.js";

const before = ["1h", "6h", "12h", "1d"];
describe.skipIf(whyNot !== null)(
  `the 732 markets of KXHIGHNY at fixed times before close, by this library and by SQL over the exported files${whyNot === null ? "" : ` (skipped: ${whyNot})`}`,
  () => {
    const out = mkdtempSync(join(tmpdir(), "kalshi-lab-forecasts-"));
    const files = { trades: join(out, "trades.parquet"), markets: join(out, "markets.parquet") };
    let forecasts: ColumnTable;

    beforeAll(async () => {
      const [trades, markets] = [realTrades(), realMarkets()];
      await saveTable(trades, files.trades);
      await saveTable(markets, files.markets);
      forecasts = forecastsAt(trades, markets, { before });
    }, 60_000);

    afterAll(() => rmSync(out, { recursive: true, force: true }));

    it("have the same forecasts, prices and outcomes to the micro-dollar and microsecond", async () => {
      const rows = await sql(`
        SELECT hours_before, ticker, CAST(price * 1000000 AS BIGINT) AS price, epoch_us(price_time) AS price_time,
          CAST(outcome * 1000000 AS BIGINT) AS outcome
        FROM forecasts ORDER BY hours_before, ticker`);
      expect(rows.length).toBe(732 * before.length);
      const raw = (name: string) => rawOf(forecasts, name);
      const [price, time, outcome] = [raw("price"), raw("price_time"), raw("outcome")];
      const ours = forecasts.objects() as { hours_before: number; ticker: string }[];
      expect(rows).toEqual(
        ours.map(({ hours_before, ticker }, row) => ({
          ...{ hours_before, ticker, price: price[row], price_time: time[row], outcome: outcome[row] },
        })),
      );
    });

    it("have the same Brier scores, and the same markets without a trade by then", async () => {
      const rows = await sql(`
        SELECT hours_before, count(price) AS forecasts, count(*) - count(price) AS without_price,
          CAST(sum((p - o) * (p - o)) AS DOUBLE) / count(p) / 1e12 AS brier,
          CAST(sum(p) AS DOUBLE) / count(p) / 1e6 AS mean_price, CAST(sum(o) FILTER (p IS NOT NULL) AS DOUBLE) / count(p) / 1e6 AS outcome_rate
        FROM (SELECT *, CAST(price * 1000000 AS HUGEINT) AS p, CAST(outcome * 1000000 AS HUGEINT) AS o FROM forecasts)
        GROUP BY hours_before ORDER BY hours_before`);
      const columns = ["hours_before", "forecasts", "without_price", "brier", "mean_price", "outcome_rate"];
      expect(rows).toHaveLength(before.length);
      // No outcome is missing here, and none lies between 0 and 1.
      expect(forecastScores(forecasts).select(columns).objects()).toEqual(rows);
      expect(forecastScores(forecasts).array("forecasts")).toEqual(
        Array.from(rows, ({ without_price }) => 732 - Number(without_price)),
      );
    });

    it("have the same decomposition, grouped by value, within what rounding does", async () => {
      const rows = await sql(`
        WITH priced AS (SELECT hours_before, CAST(price AS DOUBLE) AS p, CAST(outcome AS DOUBLE) AS o FROM forecasts WHERE price IS NOT NULL),
          base AS (SELECT hours_before, avg(o) AS rate, count(*) AS n FROM priced GROUP BY ALL),
          groups AS (SELECT hours_before, p, count(*) AS n, avg(o) AS o FROM priced GROUP BY ALL)
        SELECT hours_before, sum(g.n * (g.p - g.o) ** 2) / any_value(b.n) AS reliability,
          sum(g.n * (g.o - b.rate) ** 2) / any_value(b.n) AS resolution, any_value(b.rate * (1 - b.rate)) AS uncertainty
        FROM groups g JOIN base b USING (hours_before) GROUP BY hours_before ORDER BY hours_before`);
      const ours = forecastScores(forecasts).objects() as Record<string, number>[];
      for (const [at, row] of rows.entries()) {
        for (const name of ["reliability", "resolution", "uncertainty"])
          expect(ours[at]![name]).toBeCloseTo(Number(row[name]), 12);
        expect(ours[at]!.reliability! - ours[at]!.resolution! + ours[at]!.uncertainty!).toBeCloseTo(
          ours[at]!.brier!,
          14,
        );
      }
    });

    it("have the same calibration, bin by bin, with Wilson's bands", async () => {
      const rows = await sql(`
        SELECT hours_before, bin, count(*) AS forecasts, count(DISTINCT event_ticker) AS events,
          CAST(sum(p) AS DOUBLE) / count(*) / 1e6 AS mean_price, CAST(sum(o) AS DOUBLE) / count(*) / 1e6 AS outcome_rate
        FROM (SELECT *, CAST(price * 1000000 AS HUGEINT) AS p, CAST(outcome * 1000000 AS HUGEINT) AS o,
          CAST(least(floor(price * 10), 9) AS INTEGER) + 1 AS bin FROM forecasts WHERE price IS NOT NULL)
        GROUP BY hours_before, bin ORDER BY hours_before, bin`);
      const columns = ["hours_before", "bin", "forecasts", "events", "mean_price", "outcome_rate"];
      const ours = calibration(forecasts);
      expect(ours.select(columns).objects()).toEqual(rows);
      expect(rows.length).toBeGreaterThan(30);
      const z = 1.959963984540054;
      for (const { outcome_rate: rate, forecasts: n, low, high } of ours.objects() as Record<string, number>[]) {
        for (const end of [low!, high!]) {
          const farthest = z * Math.sqrt((end * (1 - end)) / n!);
          // An end of the band is a rate that what was seen is just about to contradict.
          if (end > 0 && end < 1) expect(Math.abs(rate! - end)).toBeCloseTo(farthest, 12);
        }
      }
    });

    /** Rows of a query over `forecasts`, made from the files by SQL alone. */
    async function sql(query: string): Promise<Record<string, unknown>[]> {
      const spans = before.map(
        (text) => `(${text.endsWith("d") ? Number.parseInt(text, 10) * 24 : Number.parseInt(text, 10)})`,
      );
      const forecastsSql = `
        WITH asked AS (
          SELECT ticker, event_ticker, CAST(hours AS DOUBLE) AS hours_before, settlement_value AS outcome,
            close_time - to_hours(CAST(hours AS INTEGER)) AS asked_time
          FROM read_parquet(${literal(files.markets)}), (VALUES ${spans.join(", ")}) AS span(hours)),
        ranked AS (
          SELECT asked.*, trade.yes_price AS price, trade.created_time AS price_time,
            row_number() OVER (PARTITION BY asked.ticker, hours_before
              ORDER BY trade.created_time DESC NULLS LAST, CAST(trade.trade_id AS VARCHAR) DESC) AS place
          FROM asked LEFT JOIN read_parquet(${literal(files.trades)}) AS trade
            ON trade.ticker = asked.ticker AND trade.created_time <= asked.asked_time)
        SELECT * FROM ranked WHERE place = 1`;
      return withConnection(async (connection) => {
        await connection.run(`CREATE TEMP TABLE forecasts AS ${forecastsSql}`);
        const reader = await connection.runAndReadAll(query);
        return reader
          .getRowObjects()
          .map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
            ),
          );
      });
    }
  },
);
