import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { executionByMarket } from "../../../src/analysis/book/execution.js";
import { tradeProfile } from "../../../src/analysis/book/trade-profile.js";
import type { TradeLike } from "../../../src/analysis/book/trade-rows.js";
import { tradeSpreads } from "../../../src/analysis/book/trade-spreads.js";
import { rawOf } from "../../../src/frames/exact.js";
import { trades as tradesTable } from "../../../src/frames/trades.js";
import { MINUTE, SECOND } from "../../../src/units/time.js";
import {
  paged,
  quoteList,
  quotesOfList,
  tradeList,
  tradesOfList,
  type WholeQuote,
} from "../../support/market-arbitraries.js";
import { folder, whyNot } from "../../support/real-data.js";

const after = 20 * SECOND;

/** Midpoint of the last quote that passes; null without one. */
function middle(list: readonly WholeQuote[], passes: (quote: WholeQuote) => boolean): number | null {
  const last = list.filter(passes).at(-1);
  if (last === undefined || last.yes_bid === null || last.yes_ask === null) return null;
  return (last.yes_bid + last.yes_ask) / 2;
}

describe("measures of trades", () => {
  it("set each trade against the midpoint strictly before it and the one after the span", () => {
    fc.assert(
      fc.property(quoteList, tradeList, (quotes, trades) => {
        const table = tradeSpreads(tradesOfList(trades), quotesOfList(quotes), { after });
        const end = Math.max(...quotes.map(({ time }) => time), ...trades.map(({ created_time }) => created_time));
        const naive = trades.map((trade) => {
          const { created_time: time, ticker, yes_price: price, is_block_trade, taker_outcome_side: taker } = trade;
          const side = taker === "yes" ? 1 : taker === "no" ? -1 : null;
          const before = middle(quotes, (one) => one.ticker === ticker && one.time < time);
          const later =
            time + after > end ? null : middle(quotes, (one) => one.ticker === ticker && one.time <= time + after);
          const isNone = is_block_trade === true;
          return [
            ticker,
            time,
            isNone || before === null ? null : 2 * Math.abs(price - before),
            isNone || later === null || side === null ? null : 2 * side * (price - later) || 0,
            isNone || later === null || side === null || before === null ? null : 2 * side * (later - before) || 0,
          ];
        });
        const [time, effective, realized, impact] = [
          "created_time",
          "effective_spread",
          "realized_spread",
          "price_impact",
        ].map((name) => rawOf(table, name));
        const found = time!.map((at, row) => [
          ...[table.get("ticker", row), at, effective![row], realized![row], impact![row]],
        ]);
        const inOrder = (rows: unknown[][]) => rows.map(String).sort();
        expect(inOrder(found)).toEqual(inOrder(naive));
        for (const [row, one] of effective!.entries()) {
          if (one === null || impact![row] === null || realized![row] === null) continue;
          expect([one, -one]).toContain(realized![row]! + impact![row]!);
        }
      }),
    );
  });

  it("add up by market to the mean of what each trade says", () => {
    fc.assert(
      fc.property(quoteList, tradeList, (quotes, trades) => {
        const [t, q] = [tradesOfList(trades), quotesOfList(quotes)];
        const one = tradeSpreads(t, q, { after });
        const table = executionByMarket(t, q, { after: [5 * SECOND, after] });
        for (let row = 0; row < table.numRows(); row += 1) {
          if (table.get("after", row) !== 20) continue;
          const at = [...Array(one.numRows()).keys()].filter((n) => one.get("ticker", n) === table.get("ticker", row));
          for (const name of ["effective_spread", "price_impact"]) {
            const rows = at.filter((n) => one.get(name, n) !== null);
            const [values, counts] = [rawOf(one, name), rawOf(one, "count")];
            const weight = rows.reduce((sum, n) => sum + counts[n]!, 0);
            const naive = rows.reduce((sum, n) => sum + values[n]! * counts[n]!, 0) / weight;
            const found = rawOf(table, name)[row];
            if (rows.length === 0) expect(found).toBeNull();
            else expect(Math.abs(found! - naive)).toBeLessThan(1);
          }
          const [all, measured, unquoted, blocks] = ["trades", "measured", "unquoted", "blocks"].map((name) =>
            Number(table.get(name, row)),
          );
          expect(measured! + unquoted! + blocks!).toBe(all);
          expect(all).toBe(at.length);
        }
      }),
    );
  });

  it("are the same of tables and of a recording's rows, whose markets are behind one another", async () => {
    const jitter = fc.array(fc.integer({ min: 0, max: 4 * MINUTE }), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(
        quoteList,
        tradeList,
        jitter,
        fc.integer({ min: 1, max: 20 }),
        async (quotes, trades, lag, size) => {
          // Each market in its own order, but one of them as much behind in the stream.
          const mixed = <T>(list: readonly T[], key: (row: T) => number): T[] =>
            list.toSorted((a, b) => key(a) - key(b));
          const behind = (ticker: string) => lag[ticker === "A" ? 0 : 1]!;
          const q = mixed(quotes, (one) => one.time + behind(one.ticker));
          const t = mixed(trades, (one) => one.created_time + behind(one.ticker));
          const streamed = await executionByMarket(paged(t, size), paged(q, size), { after });
          const table = executionByMarket(tradesOfList(trades), quotesOfList(quotes), { after });
          expect(streamed.objects()).toEqual(table.objects());
          const each = await tradeSpreads(paged(t, size), quotesOfList(quotes), { after });
          const tied = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort();
          expect(tied(each.objects())).toEqual(
            tied(tradeSpreads(tradesOfList(trades), quotesOfList(quotes), { after }).objects()),
          );
        },
      ),
    );
  });

  it("give and forget as time passes: a long stream is the same as its table", async () => {
    const quotes: WholeQuote[] = [];
    const trades: Required<TradeLike>[] = [];
    let seed = 1;
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let at = 0; at < 20_000; at += 1) {
      const time = 1_790_000_000_000_000 + at * SECOND;
      const bid = 10_000 * (1 + next(49));
      quotes.push({
        ...{ time, ticker: next(2) === 0 ? "A" : "B", trust: next(50) === 0 ? "unknown" : "ok" },
        ...{ yes_bid: bid, yes_bid_size: 100, yes_ask: bid + 10_000 * (1 + next(9)), yes_ask_size: 100 },
      });
      if (next(3) > 0) continue;
      trades.push({
        ...{ created_time: time + next(SECOND), ticker: next(2) === 0 ? "A" : "B", count: 1 + next(1_000) },
        ...{ yes_price: 10_000 * (1 + next(99)), taker_outcome_side: next(2) === 0 ? "yes" : "no" },
        ...{ taker_book_side: null, taker_side: null, is_block_trade: false },
      });
    }
    const streamed = await executionByMarket(paged(trades, 64), paged(quotes, 512));
    expect(streamed.objects()).toEqual(executionByMarket(tradesOfList(trades), quotesOfList(quotes)).objects());
    expect(streamed.array("late")).toEqual(new Array(8).fill(0));
  });

  it.skipIf(whyNot !== null)("profile every real trade once, as counting its raw text does", async () => {
    const lines = gunzipSync(readFileSync(join(folder, "trades.ndjson.gz")))
      .toString("utf8")
      .trim()
      .split("\n");
    const raw = lines.map((line) => JSON.parse(line) as Record<string, string>);
    const table = tradesTable(raw);
    const clock = new Intl.DateTimeFormat("en-GB", {
      ...{ timeZone: "America/New_York", hour: "2-digit", minute: "2-digit" },
    });
    const hourIn = (text: string) => clock.format(new Date(text));
    const naive: Record<string, (trade: Record<string, string>) => string> = {
      hour: (trade) => hourIn(trade.created_time!).slice(0, 2),
      taker: (trade) => trade.taker_outcome_side ?? trade.taker_side ?? "unknown",
      price: (trade) => String(Math.floor(Number(trade.yes_price_dollars) * 20 + 1e-9) / 20),
    };
    const unique = [...new Map(raw.map((trade) => [trade.trade_id, trade])).values()].slice(0, 20_000);
    const some = tradesTable(unique);
    for (const by of ["hour", "taker", "price"] as const) {
      const volumes = new Map<string, number>();
      for (const trade of unique) {
        const key = naive[by]!(trade);
        volumes.set(key, (volumes.get(key) ?? 0) + Math.round(Number(trade.count_fp) * 100));
      }
      const profile = tradeProfile(some, { by, timezone: "America/New_York" });
      const found = rawOf(profile, "volume").map(
        (volume, row) => [String(profile.get("bucket", row)), volume] as const,
      );
      expect(new Map(found.filter(([, volume]) => volume! > 0)), by).toEqual(
        new Map(
          [...volumes].sort(
            ([a], [b]) => found.findIndex(([one]) => one === a) - found.findIndex(([one]) => one === b),
          ),
        ),
      );
    }
    const whole = tradeProfile(table, { by: "size" });
    expect(rawOf(whole, "trades").reduce((sum, one) => sum! + one!, 0)).toBe(table.numRows());
  });

  it("profile trades as they come as they do a table, by market too", async () => {
    await fc.assert(
      fc.asyncProperty(tradeList, fc.constantFrom("hour", "weekday", "size", "price", "taker"), async (trades, by) => {
        const options = { by, byMarket: true } as const;
        const streamed = await tradeProfile(paged(trades, 7), options);
        expect(streamed.objects()).toEqual(tradeProfile(tradesOfList(trades), options).objects());
        const all = tradeProfile(tradesOfList(trades), { by });
        expect(rawOf(all, "volume").reduce((sum, one) => sum! + one!, 0)).toBe(
          trades.reduce((sum, { count }) => sum + count, 0),
        );
      }),
    );
  });

  it("refuses an unknown zone, edges that do not ascend, and no span", () => {
    const none = tradesOfList([]);
    const bad = expect.objectContaining({ code: "BAD_ARGUMENT" });
    expect(() => tradeProfile(none, { by: "hour", timezone: "Mars/Olympus" })).toThrow(bad);
    expect(() => tradeProfile(none, { by: "size", edges: [0, 5, 5] })).toThrow(bad);
    expect(() => executionByMarket(none, quotesOfList([]), { after: [] })).toThrow(bad);
  });
});
