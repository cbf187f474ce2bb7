import type { ColumnTable } from "arquero";
import { beforeAll, describe, expect, it } from "vitest";
import { coherence } from "../../../src/analysis/coherence/coherence.js";
import { impliedDistribution } from "../../../src/analysis/coherence/implied.js";
import { forecastsAt } from "../../../src/analysis/forecasts/forecasts-at.js";
import { whyNot } from "../../support/real-data.js";
import { realMarkets, realTrades } from "../../support/real-tables.js";

describe.skipIf(whyNot !== null)(
  `the 122 real days of temperatures${whyNot === null ? "" : ` (skipped: ${whyNot})`}`,
  () => {
    let markets: ColumnTable;

    beforeAll(() => {
      markets = realMarkets();
    });

    it("are each six markets of which exactly one pays, as their strikes say and their results show", () => {
      const events = coherence(markets);
      expect(events.numRows()).toBe(122);
      for (const name of ["exclusive", "exhaustive"]) expect(events.array(name)).toEqual(new Array(122).fill(true));
      expect(events.array("market_count")).toEqual(new Array(122).fill(6));
    });

    it("have a temperature that was within its market's span, and a mean that comes nearer to it as the day goes on", () => {
      const forecasts = forecastsAt(realTrades(), markets, { before: ["6h", "1d"] });
      const misses = ["6h", "1d"].map((before) => {
        const priced = markets.join_left(
          forecasts
            .params({ before })
            .filter((d: { before: string }, $: { before: string }) => d.before === $.before)
            .select("ticker", "price"),
          "ticker",
        );
        const away: number[] = [];
        for (const event of new Set(markets.array("event_ticker") as string[])) {
          const own = priced
            .params({ event })
            .filter((d: { event_ticker: string }, $: { event: string }) => d.event_ticker === $.event);
          if ((own.array("price") as (number | null)[]).includes(null)) continue;
          const { table, mean, kind } = impliedDistribution(own, { price: "price" });
          expect(kind).toBe("spans");
          const winner = (own.objects() as object[]).find((row) => Reflect.get(row, "result") === "yes") as {
            ticker: string;
            expiration_value: string;
          };
          const span = table.objects().find((row) => (row as { ticker: string }).ticker === winner.ticker) as {
            value_from: number | null;
            value_to: number | null;
          };
          const value = Number(winner.expiration_value === "" ? Number.NaN : winner.expiration_value);
          if (Number.isNaN(value)) continue;
          expect(value).toBeGreaterThan(span.value_from ?? Number.NEGATIVE_INFINITY);
          expect(value).toBeLessThan(span.value_to ?? Number.POSITIVE_INFINITY);
          away.push(Math.abs(mean! - value));
        }
        expect(away.length).toBeGreaterThan(40);
        return away.reduce((sum, one) => sum + one, 0) / away.length;
      });
      expect(misses[0]).toBeLessThan(1);
      expect(misses[0]).toBeLessThan(misses[1]! / 2);
    });
  },
);
