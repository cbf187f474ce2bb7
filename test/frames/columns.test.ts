import { desc, op } from "arquero";
import { Decimal } from "decimal.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { always, maybe } from "../../src/exchange/field.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { integerOf, type ScaledColumn } from "../../src/frames/scaled-column.js";
import { trades } from "../../src/frames/trades.js";
import { parseUuid, renderUuid } from "../../src/frames/uuid-column.js";
import { formatCount } from "../../src/units/count.js";
import { formatPrice } from "../../src/units/price.js";
import { formatTimeFull } from "../../src/units/time.js";
import { rawTrade } from "./records.js";

const dollars = fc.maxSafeInteger();

describe("a column of amounts", () => {
  it("reads as the double nearest to the exact decimal, and keeps the exact integer", () => {
    fc.assert(
      fc.property(
        fc.array(dollars, { minLength: 1, maxLength: 20 }),
        fc.array(dollars, { minLength: 1, maxLength: 20 }),
        (prices, counts) => {
          const builder = tableBuilder("thing", {
            price: maybe("dollars", "p", ""),
            count: maybe("contracts", "c", ""),
          });
          builder.add(
            prices.map((price, row) => ({ p: formatPrice(price), c: formatCount(counts[row % counts.length]!) })),
          );
          const table = builder.finish();
          for (const [row, price] of prices.entries()) {
            // Number(text) is the double nearest to the decimal written.
            expect(table.get("price", row)).toBe(Number(formatPrice(price)));
            expect(table.get("count", row)).toBe(Number(formatCount(counts[row % counts.length]!)));
          }
          expect(Array.from((table.column("price") as unknown as ScaledColumn).raw)).toEqual(
            prices.map((price) => price + 0),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("reads times as milliseconds with the microseconds as fraction", () => {
    fc.assert(
      fc.property(fc.integer({ min: -300_000_000_000_000, max: 4_300_000_000_000_000 }), (time) => {
        const builder = tableBuilder("thing", { created_time: always("time", "t", "") });
        builder.add([{ t: formatTimeFull(time) }]);
        const value: unknown = builder.finish().get("created_time", 0);
        expect(value).toBe(new Decimal(time).div(1000).toNumber());
        expect(integerOf(value as number, 1000)).toBe(time);
      }),
      { numRuns: 500 },
    );
  });

  it("tells the integer behind a value that was read, and that there is none behind one that was computed", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (raw) => {
        expect(integerOf(raw / 1_000_000, 1_000_000)).toBe(raw);
        expect(integerOf(raw / 100, 100)).toBe(raw);
      }),
    );
    expect(integerOf(1 / 3, 1_000_000)).toBeNull();
    expect(integerOf(0.1 + 0.2, 1_000_000)).toBeNull();
    expect(integerOf(Number.NaN, 100)).toBeNull();
  });

  it("has null, and never 0, where a value is absent", () => {
    const builder = tableBuilder("thing", {
      price: maybe("dollars", "p", ""),
      size: maybe("contracts", "s", ""),
      n: maybe("integer", "n", ""),
    });
    builder.add([{ p: "0.0000", s: null }, {}, { p: null, s: "0.00", n: 0 }]);
    const table = builder.finish();
    expect(table.array("price")).toEqual([0, null, null]);
    expect([...(table.column("size") as Iterable<unknown>)]).toEqual([null, null, 0]);
    expect(table.array("n")).toEqual([null, null, 0]);
    expect(table.filter((d: { price: number | null }) => d.price === null).numRows()).toBe(2);
  });
});

describe("a column of texts", () => {
  const table = trades(
    Array.from({ length: 40 }, (_, number) => rawTrade(number, number % 5 === 0 ? { taker_side: null } : {})),
  );

  it("groups and filters as a plain array would", () => {
    const plain = table
      .reify()
      .create({ data: Object.fromEntries(table.columnNames().map((name) => [name, table.array(name) as unknown[]])) });
    for (const each of [table, plain]) {
      const counted = each.groupby("taker_side").rollup({ rows: op.count(), contracts: op.sum("count") });
      expect(counted.objects()).toEqual(
        plain
          .groupby("taker_side")
          .rollup({ rows: op.count(), contracts: op.sum("count") })
          .objects(),
      );
      expect(each.filter((d: { taker_side: string }) => d.taker_side === "yes").numRows()).toBe(16);
      expect(each.filter((d: { taker_side: string }) => d.taker_side == null).numRows()).toBe(8);
    }
  });

  it("differs from a text that stands nowhere in it", () => {
    expect(table.filter((d: { ticker: string }) => d.ticker !== "KXELSE").numRows()).toBe(40);
    expect(table.filter((d: { ticker: string }) => d.ticker === "KXELSE").numRows()).toBe(0);
  });

  it("has no empty groups after rows were removed", () => {
    const few = table.filter((d: { ticker: string }) => d.ticker === "KXTEST-26NOV01-B1");
    expect(few.groupby("ticker").count().numRows()).toBe(1);
    const builder = tableBuilder("thing", { key: always("integer", "k", ""), name: always("text", "n", "") });
    builder.add([
      { k: 1, n: "replaced" },
      { k: 1, n: "kept" },
    ]);
    expect(builder.finish({ dedupeBy: "key" }).groupby("name").count().objects()).toEqual([{ name: "kept", count: 1 }]);
  });

  it("works under the verbs of arquero: order, join, concat, pivot, derive, csv", () => {
    const ordered = table.orderby(desc("count")).select("trade_id", "ticker", "count", "taker_side");
    expect(ordered.get("count", 0)).toBe(40);
    expect(table.join(table, "trade_id").numRows()).toBe(40);
    expect(table.concat(table).numRows()).toBe(80);
    expect(table.groupby("ticker").pivot("taker_book_side", { n: op.count() }).numRows()).toBe(2);
    expect(table.derive({ cost: (d: { yes_price: number; count: number }) => d.yes_price * d.count }).numCols()).toBe(
      table.numCols() + 1,
    );
    expect(table.toCSV().trim().split("\n")).toHaveLength(41);
  });
});

describe("a UUID", () => {
  it("comes back from its bytes, and nothing else is taken for one", () => {
    const bytes = new Uint8Array(16);
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.integer({ min: 0, max: 35 }),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
        (uuid, place, other) => {
          expect(parseUuid(uuid, bytes, 0)).toBe(true);
          expect(renderUuid(bytes, 0)).toBe(uuid);
          const changed = uuid.slice(0, place) + other + uuid.slice(place + 1);
          expect(parseUuid(changed, bytes, 0)).toBe(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(changed));
        },
      ),
    );
  });

  it("that is not canonical turns its column into text, with every value as it came", () => {
    const odd = [rawTrade(0), rawTrade(1, { trade_id: "0F0E0D0C-0B0A-4908-8706-000000000001" }), rawTrade(2)];
    expect(trades(odd).array("trade_id").sort()).toEqual(odd.map(({ trade_id }) => trade_id).sort());
  });
});
