import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { op } from "arquero";
import { describe, expect, it } from "vitest";
import { parseOrderbook } from "../../src/exchange/orderbook.js";
import { exactSum, vwap } from "../../src/frames/exact.js";
import { frames } from "../../src/frames/frames.js";
import { orderbook } from "../../src/frames/orderbook.js";
import { trades } from "../../src/frames/trades.js";
import { folder, whyNot } from "../support/real-data.js";

describe("the frames", () => {
  it("are keyed and ordered by columns they have, the key deciding between equals", () => {
    for (const [name, { fields, key, orderBy }] of Object.entries(frames)) {
      const columns = Object.keys(fields);
      expect(columns, name).toEqual(expect.arrayContaining([...key, ...orderBy]));
      expect(orderBy, name).toEqual(expect.arrayContaining([...key]));
    }
  });

  it("give a column name one kind everywhere, so that it can be found again by name", () => {
    const kinds = new Map<string, Set<string>>();
    for (const { fields } of Object.values(frames)) {
      for (const [name, { kind }] of Object.entries(fields)) kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
    }
    expect([...kinds].filter(([, found]) => found.size > 1)).toEqual([]);
  });

  it("show order books in both prices, each side ascending", () => {
    const book = parseOrderbook("KXTEST", {
      yes_dollars: [
        ["0.3900", "5.00"],
        ["0.4000", "2.50"],
      ],
      no_dollars: [["0.5500", "7.00"]],
    });
    expect(orderbook(book).objects()).toEqual([
      { ticker: "KXTEST", side: "no", price: 0.55, yes_price: 0.45, count: 7 },
      { ticker: "KXTEST", side: "yes", price: 0.39, yes_price: 0.39, count: 5 },
      { ticker: "KXTEST", side: "yes", price: 0.4, yes_price: 0.4, count: 2.5 },
    ]);
  });
});

describe.skipIf(whyNot !== null)(`real trades (${whyNot ?? "as tables"})`, () => {
  it("give the known number, contracts and weighted price of every market", () => {
    const lines = gunzipSync(readFileSync(join(folder, "trades.ndjson.gz")))
      .toString("utf8")
      .trim()
      .split("\n");
    const known = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
      all_markets: Record<string, { trades: number; contracts: string; vwap_yes_dollars: string | null }>;
    };
    const table = trades(lines.map((line) => JSON.parse(line) as unknown));
    const counted = table.groupby("ticker").rollup({ rows: op.count() });
    const rows = new Map(
      counted.objects().map((row) => [Reflect.get(row, "ticker") as string, Reflect.get(row, "rows") as number]),
    );
    for (const [ticker, expected] of Object.entries(known.all_markets))
      expect(rows.get(ticker) ?? 0, ticker).toBe(expected.trades);
    for (const ticker of [...rows.keys()].slice(0, 60)) {
      const of = table
        .params({ ticker })
        .filter((d: { ticker: string }, $: { ticker: string }) => d.ticker === $.ticker);
      const expected = known.all_markets[ticker]!;
      expect(exactSum(of, "count").toFixed(2), ticker).toBe(expected.contracts);
      expect(vwap(of)!.toFixed(6, 4), ticker).toBe(expected.vwap_yes_dollars);
    }
  });
});
