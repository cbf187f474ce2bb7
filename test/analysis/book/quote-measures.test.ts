import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binOf } from "../../../src/analysis/book/durations.js";
import { liquidityByMarket } from "../../../src/analysis/book/liquidity.js";
import { quoteLifetimes } from "../../../src/analysis/book/quote-lifetime.js";
import { spreadByMarket } from "../../../src/analysis/book/spread.js";
import { volatilityByMarket } from "../../../src/analysis/book/volatility.js";
import { rawOf } from "../../../src/frames/exact.js";
import { SECOND } from "../../../src/units/time.js";
import { paged, quoteList, quotesOfList, START, type WholeQuote } from "../../support/market-arbitraries.js";

const END = START + 300 * SECOND;
const until = END / 1_000;
const HALF = 500_000;
const tickersOf = (list: readonly WholeQuote[]) => [...new Set(list.map(({ ticker }) => ticker))].sort();

/** The last quote of a market at or before a moment. */
function standing(list: readonly WholeQuote[], ticker: string, moment: number): WholeQuote | undefined {
  return list.filter((quote) => quote.ticker === ticker && quote.time <= moment).at(-1);
}

/** What stood in each half second, from the market's first quote to the end: all times are multiples of it. */
function halfSeconds(list: readonly WholeQuote[], ticker: string): WholeQuote[] {
  const first = list.find((quote) => quote.ticker === ticker)!.time;
  const all: WholeQuote[] = [];
  for (let at = first; at < END; at += HALF) all.push(standing(list, ticker, at)!);
  return all;
}

const isWhole = (quote: WholeQuote) => quote.trust === "ok" && quote.yes_bid !== null && quote.yes_ask !== null;
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("measures of quotes", () => {
  it("weigh spread, sizes and imbalance as looking every half second does", () => {
    fc.assert(
      fc.property(quoteList, (list) => {
        const table = quotesOfList(list);
        const [spread, sizes] = [spreadByMarket(table, { until }), liquidityByMarket(table, { until })];
        for (const [row, ticker] of tickersOf(list).entries()) {
          const all = halfSeconds(list, ticker);
          const whole = all.filter(isWhole);
          expect(spread.get("observed", row)).toBe(all.length / 2);
          expect(spread.get("two_sided", row)).toBe(whole.length / 2);
          expect(spread.get("unknown", row)).toBe(all.filter(({ trust }) => trust !== "ok").length / 2);
          const naive: [string, typeof spread, (quote: WholeQuote) => number, number][] = [
            ["mean_spread", spread, (quote) => quote.yes_ask! - quote.yes_bid!, 1],
            ["mean_midpoint", spread, (quote) => (quote.yes_ask! + quote.yes_bid!) / 2, 1],
            ["mean_bid_size", sizes, (quote) => quote.yes_bid_size!, 1],
            ["mean_ask_size", sizes, (quote) => quote.yes_ask_size!, 1],
            [
              "mean_microprice",
              sizes,
              ({ yes_bid, yes_ask, yes_bid_size, yes_ask_size }) =>
                (yes_bid! * yes_ask_size! + yes_ask! * yes_bid_size!) / (yes_bid_size! + yes_ask_size!),
              2,
            ],
          ];
          for (const [name, of, value, within] of naive) {
            const found = rawOf(of, name)[row];
            if (whole.length === 0) expect(found, name).toBeNull();
            else expect(Math.abs(found! - meanOf(whole.map(value))), name).toBeLessThan(within);
          }
          if (whole.length === 0) continue;
          const imbalance = meanOf(
            whole.map((one) => (one.yes_bid_size! - one.yes_ask_size!) / (one.yes_bid_size! + one.yes_ask_size!)),
          );
          expect(sizes.get("mean_imbalance", row)).toBeCloseTo(imbalance, 9);
        }
      }),
    );
  });

  it("sample volatility on the grid, and leave out what is unknown", () => {
    fc.assert(
      fc.property(quoteList, (list) => {
        const table = volatilityByMarket(quotesOfList(list), { every: "5s", until });
        for (const [row, ticker] of tickersOf(list).entries()) {
          const first = list.find((quote) => quote.ticker === ticker)!.time;
          const points: number[] = [];
          for (let at = Math.ceil(first / (5 * SECOND)) * 5 * SECOND; at < END; at += 5 * SECOND) points.push(at);
          let [steps, leftOut, squares, logs] = [0, 0, 0, 0];
          for (const [at, to] of points.entries()) {
            if (at === 0) continue;
            const [from, a, b] = [
              points[at - 1]!,
              standing(list, ticker, points[at - 1]!)!,
              standing(list, ticker, to)!,
            ];
            const between = list.filter((one) => one.ticker === ticker && one.time > from && one.time <= to);
            if (!isWhole(a) || !isWhole(b) || between.some(({ trust }) => trust !== "ok")) {
              leftOut += 1;
              continue;
            }
            const [p, q] = [a, b].map((one) => (one.yes_bid! + one.yes_ask!) / 2e6);
            steps += 1;
            squares += (100 * (q! - p!)) ** 2;
            logs += (Math.log(q! / (1 - q!)) - Math.log(p! / (1 - p!))) ** 2;
          }
          expect([table.get("steps", row), table.get("left_out", row)]).toEqual([steps, leftOut]);
          if (steps === 0) expect(table.get("volatility", row)).toBeNull();
          else {
            expect(table.get("volatility", row)).toBeCloseTo(Math.sqrt(squares / (steps / 720)), 6);
            expect(table.get("log_odds_volatility", row)).toBeCloseTo(Math.sqrt(logs / (steps / 720)), 8);
          }
        }
      }),
    );
  });

  it("measure only lives of quotes that were seen whole", () => {
    fc.assert(
      fc.property(quoteList, (list) => {
        const table = quoteLifetimes(quotesOfList(list), { until });
        for (const [row, ticker] of tickersOf(list).entries()) {
          const own = list.filter((quote) => quote.ticker === ticker);
          const keys = own.map(({ trust, yes_bid }) => (trust === "ok" ? String(yes_bid) : "?"));
          const lives: number[] = [];
          let cut = 0;
          for (let from = 0; from < own.length; ) {
            let to = from + 1;
            while (to < own.length && keys[to] === keys[from]) to += 1;
            if (keys[from] !== "?" && keys[from] !== "null") {
              const seen = from > 0 && keys[from - 1] !== "?" && to < own.length && keys[to] !== "?";
              if (seen) lives.push(own[to]!.time - own[from]!.time);
              else cut += 1;
            }
            from = to;
          }
          expect([table.get("lifetimes", 3 * row), table.get("cut", 3 * row)]).toEqual([lives.length, cut]);
          if (lives.length === 0) continue;
          expect(table.get("mean_lifetime", 3 * row)).toBeCloseTo(meanOf(lives) / 1e6, 9);
          const median = lives.sort((a, b) => a - b)[Math.ceil(lives.length / 2) - 1]! / 1e6;
          const found = table.get("median_lifetime", 3 * row) as number;
          expect(found).toBeLessThanOrEqual(median);
          expect(found).toBeGreaterThanOrEqual(median * (1 - 1 / 64));
        }
      }),
    );
  });

  it("bins of lengths are at most 1/64 wide, and begin at what they are called by", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (ms) => {
        expect(binOf(ms)).toBeLessThanOrEqual(ms);
        expect(ms - binOf(ms)).toBeLessThanOrEqual(ms / 64);
        expect(binOf(binOf(ms))).toBe(binOf(ms));
      }),
    );
  });

  it("are the same of a table and of quotes as they come", async () => {
    await fc.assert(
      fc.asyncProperty(quoteList, fc.integer({ min: 1, max: 20 }), async (list, size) => {
        const table = quotesOfList(list);
        for (const of of [spreadByMarket, liquidityByMarket, volatilityByMarket, quoteLifetimes]) {
          const streamed = await of(paged(list, size), { until });
          expect(streamed.objects()).toEqual(of(table, { until }).objects());
        }
      }),
    );
  });
});
