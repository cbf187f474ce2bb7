import { Decimal } from "decimal.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { always, type Kind, maybe, recordParser } from "../../src/exchange/field.js";
import { settlementFields } from "../../src/exchange/settlement.js";
import { parseTrade, tradeFields } from "../../src/exchange/trade.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { candlesticks } from "../../src/frames/candlesticks.js";
import type { ScaledColumn } from "../../src/frames/scaled-column.js";
import { trades } from "../../src/frames/trades.js";
import { UuidColumn } from "../../src/frames/uuid-column.js";
import { expectError } from "../support/errors.js";
import { rawTrade, wireObjects } from "./records.js";

const kinds: readonly Kind[] = ["dollars", "contracts", "time", "text", "uuid", "integer", "number", "boolean", "json"];
const everyKind = Object.fromEntries([
  ...kinds.map((kind) => [`always_${kind}`, always(kind, `a_${kind}`, kind)] as const),
  ...kinds.map((kind) => [`maybe_${kind}`, maybe(kind, `m_${kind}`, kind)] as const),
]);

describe("building a table", () => {
  it("reads every valid record exactly as the record parser does, whatever its kinds", () => {
    const parse = recordParser("thing", everyKind);
    fc.assert(
      fc.property(wireObjects(everyKind), fc.integer({ min: 1, max: 7 }), (objects, page) => {
        const builder = tableBuilder("thing", everyKind, { numbers: "fixed" });
        for (let at = 0; at < objects.length; at += page) builder.add(objects.slice(at, at + page));
        const table = builder.finish();
        expect(table.numRows()).toBe(objects.length);
        for (const [row, object] of objects.entries()) {
          const record = parse(object) as Record<string, unknown>;
          for (const name of Object.keys(everyKind)) {
            const expected =
              name.endsWith("json") && record[name] !== null ? JSON.stringify(record[name]) : record[name];
            // Integers have no negative zero.
            const found: unknown = table.get(name, row);
            expect(Object.is(found, -0) ? 0 : found, name).toBe(Object.is(expected, -0) ? 0 : expected);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("refuses what the record parser refuses, with the same error", () => {
    const odd = [
      "0.56.1",
      "",
      "1e3",
      " 0.5600",
      "0.5600 ",
      "+0.5600",
      "0,5600",
      ".",
      "-",
      "0.12345678",
      "0x1234",
      "٠.5600",
      0.56,
      1,
      true,
      {},
      [],
    ];
    for (const name of Object.keys(tradeFields)) {
      const key = tradeFields[name as keyof typeof tradeFields].wire[0]!;
      for (const value of [
        ...odd,
        "2026-02-30T00:00:00Z",
        "2026-11-01T24:00:00Z",
        "2026-11-01 09:00:00",
        undefined,
        null,
      ]) {
        const object = rawTrade(1, { [key]: value });
        const builder = tableBuilder("trade", tradeFields);
        const byParser = outcome(() => parseTrade(object));
        const byBuilder = outcome(() => builder.add([rawTrade(0), object]));
        expect(byBuilder, `${key}: ${String(value)}`).toEqual(byParser);
      }
    }
  });

  it("names the first bad record of a page, not the first bad column", () => {
    const builder = tableBuilder("trade", tradeFields);
    const page = [rawTrade(0), rawTrade(1, { trade_id: null }), rawTrade(2, { created_time: "yesterday" })];
    const error = expectError(() => builder.add(page), "BAD_RECORD", /refused/);
    expect(error.message).toContain("trade_id");
  });

  it("keeps nothing of a page that was refused", () => {
    const builder = tableBuilder("trade", tradeFields);
    builder.add([rawTrade(0), rawTrade(1)]);
    expectError(
      () => builder.add([rawTrade(2, { taker_side: null }), rawTrade(3, { count_fp: "many" })]),
      "BAD_RECORD",
      /./,
    );
    expectError(() => builder.add([rawTrade(4), "a trade"]), "BAD_RECORD", /./);
    builder.add([rawTrade(5), rawTrade(6)]);
    const table = builder.finish();
    expect(table.array("count")).toEqual([1, 2, 6, 7]);
    expect(table.array("taker_side")).toEqual(["yes", "no", "no", "yes"]);
  });

  it("refuses records in the shape before 2026, naming the replacement", () => {
    const builder = tableBuilder("trade", tradeFields);
    const { yes_price_dollars: _, ...rest } = rawTrade(0);
    const error = expectError(() => builder.add([{ ...rest, yes_price: 56 }]), "LEGACY_FIELDS", /yes_price_dollars/);
    expect(error.context.found).toBe("yes_price");
  });

  it("reads cents, seconds and nested fields in their own forms", () => {
    const settled = tableBuilder("settlement", settlementFields);
    settled.add([
      {
        settled_time: "2026-11-01T09:00:00Z",
        ticker: "KXTEST",
        market_result: "yes",
        yes_count_fp: "2.00",
        yes_total_cost_dollars: "1.000000",
        no_count_fp: "0.00",
        no_total_cost_dollars: "0",
        revenue: 250,
        fee_cost: "0.0105",
      },
    ]);
    expect(settled.finish().object(0)).toMatchObject({ revenue: 2.5, value: null, fee_cost: 0.0105 });
    const candle = candlesticks([
      {
        ticker: "KXTEST",
        start_period_ts: 1_793_000_000,
        end_period_ts: 1_793_003_600,
        period_interval: 60,
        price: { open: "0.5000", close_dollars: "0.5100" },
        yes_bid: null,
        volume_fp: "3.00",
      },
    ]);
    expect(candle.object(0)).toMatchObject({
      end_time: 1_793_003_600_000,
      price_open: 0.5,
      price_close: 0.51,
      price_high: null,
      yes_bid_open: null,
      open_interest: null,
    });
  });

  it("ascends by the columns asked for, absent values last, and keeps the order of arrival among equals", () => {
    const fields = { created_time: maybe("time", "t", ""), name: always("text", "name", "") };
    const builder = tableBuilder("thing", fields);
    const at = (minute: number | null, name: string) => ({
      t: minute === null ? null : `2026-11-01T09:0${minute}:00Z`,
      name,
    });
    builder.add([at(null, "b"), at(2, "z"), at(1, "second"), at(1, "first"), at(null, "a"), at(0, "ü"), at(0, "z")]);
    expect(builder.finish({ orderBy: ["created_time"] }).array("name")).toEqual([
      "ü",
      "z",
      "second",
      "first",
      "z",
      "b",
      "a",
    ]);
    expect(builder.finish({ orderBy: ["created_time", "name"] }).array("name")).toEqual([
      "z",
      "ü",
      "first",
      "second",
      "z",
      "a",
      "b",
    ]);
  });

  it("orders texts by code points, as databases do", () => {
    const builder = tableBuilder("thing", { name: always("text", "name", "") });
    builder.add(["\u{1f600}", "\uff21", "z", "", "a"].map((name) => ({ name })));
    expect(builder.finish({ orderBy: ["name"] }).array("name")).toEqual(["", "a", "z", "\uff21", "\u{1f600}"]);
  });

  it("keeps a record once when it comes again, in its last form", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 9 })), { maxLength: 60 }),
        (list) => {
          const table = trades(list.map(([number, count]) => rawTrade(number, { count_fp: `${count}.00` })));
          const last = new Map(list.map(([number, count]) => [rawTrade(number).trade_id, count]));
          expect(table.numRows()).toBe(last.size);
          for (const { trade_id, count } of table.objects() as { trade_id: string; count: number }[]) {
            expect(count).toBe(last.get(trade_id));
          }
        },
      ),
    );
  });

  it("removes duplicates by several columns together, also absent and textual ones", () => {
    const fields = {
      a: maybe("text", "a", ""),
      b: maybe("uuid", "b", ""),
      c: maybe("boolean", "c", ""),
      n: always("integer", "n", ""),
    };
    const builder = tableBuilder("thing", fields);
    builder.add([
      { a: "x", b: "not a uuid", c: true, n: 1 },
      { a: "x", b: "not a uuid", c: true, n: 2 },
      { a: null, b: "not a uuid", c: true, n: 3 },
      { a: null, b: "not a uuid", n: 4 },
      { b: "not a uuid", c: null, n: 5 },
    ]);
    expect(builder.finish({ dedupeBy: ["a", "b", "c"] }).array("n")).toEqual([2, 3, 5]);
    expect(builder.duplicates).toBe(2);
  });

  it("can go on after a table was taken, without changing that table", () => {
    const builder = tableBuilder("trade", tradeFields);
    builder.add([rawTrade(0)]);
    const before = builder.finish();
    builder.add([rawTrade(1, { ticker: "KXNEW" })]);
    expect(before.numRows()).toBe(1);
    expect(builder.finish().array("ticker")).toEqual(["KXTEST-26NOV01-B1", "KXNEW"]);
  });

  it("keeps unknown fields as JSON text in `extra` when asked to", () => {
    const raw = [rawTrade(0, { new_field: { deep: [1] } }), rawTrade(1)];
    expect(trades(raw).columnNames()).not.toContain("extra");
    expect(trades(raw, { extra: true }).array("extra")).toEqual(['{"new_field":{"deep":[1]}}', null]);
  });

  it("hands out Decimals or integers when asked to, and the exact integers stay", () => {
    const raw = [rawTrade(0, { yes_price_dollars: "0.123456" })];
    const decimals = trades(raw, { numbers: "decimal" });
    const price: unknown = decimals.get("yes_price", 0);
    expect(Decimal.isDecimal(price) && price.toString()).toBe("0.123456");
    expect(decimals.get("created_time", 0)).toBe(Date.UTC(2026, 10, 1, 9) + 0.5);
    expect(trades(raw, { numbers: "fixed" }).object(0)).toMatchObject({ yes_price: 123_456, count: 100 });
    expect((decimals.column("yes_price") as ScaledColumn).raw[0]).toBe(123_456);
  });

  it("takes typed records too, and refuses what is not of a column's kind", () => {
    const builder = tableBuilder("trade", tradeFields);
    builder.addRecords([parseTrade(rawTrade(0)), parseTrade(rawTrade(1))]);
    builder.add([rawTrade(2)]);
    expect(builder.finish().objects()).toEqual(trades([rawTrade(0), rawTrade(1), rawTrade(2)]).objects());
    expectError(() => builder.addRecords([{ ...parseTrade(rawTrade(3)), yes_price: "0.56" }]), "BAD_RECORD", /dollars/);
    expectError(() => builder.addRecords([{ ...parseTrade(rawTrade(3)), yes_price: 0.56 }]), "BAD_RECORD", /dollars/);
    expectError(() => builder.addRecords([{ ...parseTrade(rawTrade(3)), ticker: null }]), "BAD_RECORD", /ticker/);
    expect(builder.rows).toBe(3);
  });

  it("names the columns there are when asked to order by another", () => {
    expectError(
      () => tableBuilder("trade", tradeFields).finish({ orderBy: ["time"] }),
      "COLUMN_MISSING",
      /created_time/,
    );
  });

  it("makes an empty table with all columns", () => {
    const table = trades([]);
    expect([table.numRows(), table.columnNames()]).toEqual([0, Object.keys(tradeFields)]);
  });

  it("widens integers and dictionaries as values need it, and keeps UUIDs as bytes", () => {
    const many = Array.from({ length: 70_000 }, (_, number) =>
      rawTrade(number, { ticker: `KX-${number}`, count_fp: number === 69_999 ? "90000000000000.25" : "1.00" }),
    );
    const table = trades(many);
    expect(new Set(table.array("ticker")).size).toBe(70_000);
    expect(Math.max(...(table.array("count") as number[]))).toBe(90_000_000_000_000.25);
    expect(table.column("trade_id")).toBeInstanceOf(UuidColumn);
    expect((table.column("yes_price") as unknown as ScaledColumn).raw).toBeInstanceOf(Int32Array);
  });
});

function outcome(call: () => unknown): unknown {
  try {
    call();
    return "fine";
  } catch (error) {
    return JSON.parse(JSON.stringify(error));
  }
}
