import { table } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pnl } from "../../../src/analysis/profit/pnl.js";
import { rawOf } from "../../../src/frames/exact.js";
import { fills as fillsTable } from "../../../src/frames/fills.js";
import { parsePrice } from "../../../src/units/price.js";
import { parseTime } from "../../../src/units/time.js";
import { add, compare, type Fraction, fraction, isRounded, six, times } from "./fractions.js";
import { anyAccount, fill, settlement } from "./made-fills.js";
import { slowProfit } from "./slow-profit.js";

describe("pnl", () => {
  it("realizes the difference of prices on what a fill closes, and keeps fees apart", () => {
    const profit = pnl({
      fills: [fill("bid 10 @ 0.40", { fee_cost: 170_000 }), fill("ask 4 @ 0.55", { fee_cost: 7_000 })],
    });
    expect(profit.toJSON()).toEqual({
      markets: [
        {
          ticker: "KXA-26OCT01-T1",
          position: "6.00",
          realized: "0.600000",
          unrealized: "0.000000",
          fees: "0.177000",
          net: "0.423000",
        },
      ],
      total: { realized: "0.600000", unrealized: "0.000000", fees: "0.177000", net: "0.423000" },
    });
    expect(profit.realized.toString()).toBe("0.6");
    expect(profit.unmarked).toEqual(["KXA-26OCT01-T1"]);
  });

  it("closes a YES held by a NO bought, at the complement of its price", () => {
    const profit = pnl({ fills: [fill("bid 5 @ 0.30"), fill("ask 5 @ 0.45")] });
    expect(profit.realized.toString()).toBe("0.75");
    expect(profit.markets.get("position", 0)).toBe(0);
  });

  it("closes the oldest lot first, or at the average cost", () => {
    const fills = [fill("bid 10 @ 0.20"), fill("bid 10 @ 0.40"), fill("ask 10 @ 0.50")];
    expect(pnl({ fills }).realized.toString()).toBe("3");
    expect(pnl({ fills, method: "average" }).realized.toString()).toBe("2");
  });

  it("opens the other side with what goes beyond closing", () => {
    for (const method of ["fifo", "average"] as const) {
      const profit = pnl({
        fills: [fill("bid 5 @ 0.30"), fill("ask 8 @ 0.50")],
        method,
        marks: { "KXA-26OCT01-T1": "0.45" },
      });
      expect(profit.toJSON().markets[0]).toMatchObject({
        position: "-3.00",
        realized: "1.000000",
        unrealized: "0.150000",
      });
      expect(profit.markets.get("exposure", 0)).toBe(1.5);
    }
  });

  it("reads older sells by the side bought to close, not the side sold", () => {
    const old = { outcome_side: null, book_side: null, side: "yes" };
    // `action: sell, side: no`: YES contracts were sold.
    const fills = [fill("bid 10 @ 0.40", old), { ...fill("ask 10 @ 0.70", old), side: "no", action: "sell" }];
    expect(pnl({ fills }).toJSON().markets[0]).toMatchObject({ position: "0.00", realized: "3.000000" });
  });

  it("prefers the newer field where both are there", () => {
    const profit = pnl({ fills: [fill("ask 1 @ 0.40", { side: "yes" })] });
    expect(profit.markets.get("position", 0)).toBe(-1);
  });

  it("tells how many fills have an older side that contradicts the newer fields", () => {
    const fills = [
      fill("ask 1 @ 0.40", { side: "yes" }),
      fill("ask 2 @ 0.40", { side: "no" }),
      fill("bid 3 @ 0.40", { side: "no", outcome_side: null }),
    ];
    const { notes, markets } = pnl({ fills });
    expect(markets.get("position", 0)).toBe(0);
    expect(notes).toEqual([expect.stringMatching(/`side` of 2 fills contradicts/)]);
    expect(pnl({ fills: fills.slice(1, 2) }).notes).toEqual([]);
  });

  it("tells sells whose side is what was sold, apart from sides that contradict the newer fields", () => {
    const fills = [
      fill("bid 3 @ 0.40", { action: "buy", side: "yes" }),
      fill("ask 1 @ 0.40", { action: "sell", side: "no" }),
      fill("ask 1 @ 0.40", { action: "sell_to_close", side: "yes" }),
      fill("ask 1 @ 0.40", { action: "buy", side: "yes" }),
    ];
    const { notes, markets } = pnl({ fills });
    expect(markets.get("position", 0)).toBe(0);
    expect(notes).toEqual([
      expect.stringMatching(/^the `side` of 1 fills contradicts/),
      expect.stringMatching(/^the `side` of 1 sells contradicts .* it is what was sold/),
    ]);
    expect(pnl({ fills: fills.slice(0, 2) }).notes).toEqual([]);
  });

  it("tells fills that are called sells and close nothing that the fills before them opened", () => {
    const sells = [fill("ask 2 @ 0.40", { action: "sell" }), fill("bid 3 @ 0.40", { action: "sell_partial" })];
    expect(pnl({ fills: sells }).notes).toEqual([expect.stringMatching(/^2 fills say `action` sell and yet opened/)]);
    const whole = [fill("bid 3 @ 0.40", { action: "buy" }), fill("ask 2 @ 0.40", { action: "sell" })];
    expect(pnl({ fills: whole }).notes).toEqual([]);
    // The same of a table as of records.
    const rows = { created_time: [1], ticker: ["A"], yes_price: [0.4], count: [1], fee_cost: [0] };
    const { notes } = pnl({ fills: table({ ...rows, outcome_side: ["no"], action: ["sell"] }) });
    expect(notes).toEqual([expect.stringMatching(/^1 fills say `action` sell/)]);
  });

  it("refuses a fill whose sides contradict each other or say nothing", () => {
    expect(() => pnl({ fills: [fill("bid 1 @ 0.40", { book_side: "ask" })] })).toThrow(
      expect.objectContaining({ code: "BAD_RECORD" }),
    );
    expect(() => pnl({ fills: [fill("bid 1 @ 0.40", { outcome_side: null, book_side: null })] })).toThrow(
      expect.objectContaining({ code: "BAD_RECORD" }),
    );
  });

  it("pays what is held at settlement: a dollar for the side that won", () => {
    const fills = [fill("ask 10 @ 0.40")];
    const no = pnl({ fills, settlements: [settlement("no", { no_count: 1_000 })] });
    expect(no.realized.toString()).toBe("4");
    const yes = pnl({ fills, settlements: [settlement("yes", { no_count: 1_000 })] });
    expect(yes.realized.toString()).toBe("-6");
    expect(yes.notes).toEqual([]);
    expect(yes.overTime.array("what")).toEqual(["fill", "settlement"]);
  });

  it("settles scalar markets by value, by the market's own where it is finer than a cent", () => {
    const fills = [fill("bid 10 @ 0.40")];
    const settlements = [settlement("scalar", { yes_count: 1_000, value: parsePrice("0.56") })];
    const inCents = pnl({ fills, settlements });
    expect(inCents.realized.toString()).toBe("1.6");
    expect(inCents.notes).toEqual([
      "KXA-26OCT01-T1: settled by a value in whole cents; give `markets` for the exact one",
    ]);
    const markets = [{ ticker: "KXA-26OCT01-T1", settlement_value: parsePrice("0.5625") }];
    expect(pnl({ fills, settlements, markets }).realized.toString()).toBe("1.625");
  });

  it("leaves a position open, and says so, when a scalar settlement gives no value", () => {
    const profit = pnl({ fills: [fill("bid 1 @ 0.40")], settlements: [settlement("scalar", { yes_count: 100 })] });
    expect(profit.markets.get("position", 0)).toBe(1);
    expect(profit.notes[0]).toContain("a value the record does not give");
  });

  it("says when the fills do not explain what the exchange settled", () => {
    const profit = pnl({ fills: [fill("bid 1 @ 0.40")], settlements: [settlement("yes", { yes_count: 300 })] });
    expect(profit.notes).toEqual([
      "KXA-26OCT01-T1: the exchange settled a position of 3.00, the fills given make 1.00",
    ]);
  });

  it("says both, that the fills do not explain a settlement and that its value is cut to cents", () => {
    const settlements = [settlement("scalar", { yes_count: 300, value: parsePrice("0.56") })];
    expect(pnl({ fills: [fill("bid 1 @ 0.40")], settlements }).notes).toEqual([
      expect.stringMatching(/settled a position of 3.00, the fills given make 1.00/),
      expect.stringMatching(/settled by a value in whole cents/),
    ]);
  });

  it("does not settle before the last fill, whatever the clocks say", () => {
    const late = fill("ask 10 @ 0.60", { at: "2026-10-03T00:00:00Z" });
    const profit = pnl({ fills: [late, fill("bid 10 @ 0.40")], settlements: [settlement("yes")] });
    expect(profit.realized.toString()).toBe("2");
  });

  it("keeps subaccounts apart: what one holds is not closed by the other", () => {
    const profit = pnl({ fills: [fill("bid 5 @ 0.30"), fill("ask 5 @ 0.50", { subaccount_number: 1 })] });
    expect(profit.toJSON().markets[0]).toMatchObject({ position: "0.00", realized: "0.000000" });
    expect(profit.unmarked).toEqual(["KXA-26OCT01-T1"]);
    expect(profit.fills.array("position")).toEqual([5, -5]);
  });

  it("counts settlements of two subaccounts that are otherwise the same, and one that came twice once", () => {
    const both = [fill("bid 5 @ 0.30"), fill("bid 5 @ 0.50", { subaccount_number: 1 })];
    const one = settlement("yes", { yes_count: 500, subaccount_number: 0 });
    const profit = pnl({ fills: both, settlements: [one, { ...one, subaccount_number: 1 }, one] });
    expect(profit.notes).toEqual([]);
    expect(profit.realized.toString()).toBe("6");
  });

  it("counts settlements that differ in their fee alone as two, where none names its subaccount", () => {
    const both = [fill("bid 5 @ 0.30"), fill("bid 5 @ 0.50", { subaccount_number: 1 })];
    const one = settlement("yes", { yes_count: 500, fee_cost: 10_000 });
    expect(pnl({ fills: both, settlements: [one, { ...one, fee_cost: 20_000 }] }).notes).toEqual([]);
  });

  it("says which it believed where a settlement and its market say otherwise", () => {
    const markets = [{ ticker: "KXA-26OCT01-T1", settlement_value: 0 }];
    const settlements = [settlement("yes", { yes_count: 500 })];
    const { realized, notes } = pnl({ fills: [fill("bid 5 @ 0.30")], settlements, markets });
    expect(realized.toString()).toBe("-1.5");
    expect(notes).toEqual([
      "KXA-26OCT01-T1: its settlement says yes and its market a value of $0.0000, which was believed",
    ]);
  });

  it("counts a fill once that came twice, and both sides of a trade with oneself", () => {
    const one = fill("bid 5 @ 0.30");
    expect(pnl({ fills: [one, one] }).notes).toEqual(["1 fills came twice and were counted once"]);
    const other = {
      ...fill("ask 5 @ 0.30"),
      created_time: one.created_time,
      fill_id: one.fill_id,
      order_id: "another",
    };
    expect(pnl({ fills: [one, other] }).fills.numRows()).toBe(2);
  });

  it("counts a fill once whose copies differ in how fine their time is, and keeps the finer one", () => {
    const fine = fill("bid 1 @ 0.40", { at: "2026-10-01T00:00:00.5Z" });
    const coarse = { ...fine, created_time: null, ts: parseTime("2026-10-01T00:00:00Z") };
    for (const fills of [
      [fine, coarse],
      [coarse, fine],
    ]) {
      const profit = pnl({ fills });
      expect(rawOf(profit.fills, "created_time")).toEqual([fine.created_time]);
      expect(profit.notes.join()).toMatch(/1 fills came twice/);
    }
  });

  it("gives the same figures from a table of fills as from the exchange's own records", () => {
    const raw = [
      {
        t: "2026-10-01T10:00:00.1Z",
        side: "no",
        book: "ask",
        price: "0.6100",
        no: "0.3900",
        count: "3.50",
        fee: "0.058300",
      },
      {
        t: "2026-10-01T09:00:00Z",
        side: "yes",
        book: "bid",
        price: "0.5200",
        no: "0.4800",
        count: "5.00",
        fee: "0.087400",
      },
    ].map((row, at) => ({
      created_time: row.t,
      ticker: "KXB-26OCT01",
      outcome_side: row.side,
      book_side: row.book,
      yes_price_dollars: row.price,
      no_price_dollars: row.no,
      count_fp: row.count,
      fee_cost: row.fee,
      is_taker: true,
      order_id: "00000000-0000-4000-8000-00000000000a",
      fill_id: `00000000-0000-4000-8000-00000000000${at}`,
      trade_id: `00000000-0000-4000-8000-00000000000${at}`,
    }));
    for (const numbers of ["double", "decimal", "fixed"] as const) {
      const profit = pnl({ fills: fillsTable(raw, { numbers }), marks: new Map([["KXB-26OCT01", 0.6]]) });
      expect(profit.toJSON().markets).toEqual([
        {
          ticker: "KXB-26OCT01",
          position: "1.50",
          realized: "0.315000",
          unrealized: "0.120000",
          fees: "0.145700",
          net: "0.289300",
        },
      ]);
      expect(rawOf(profit.fills, "realized")).toEqual([0, 315_000]);
    }
  });

  it("reads exact settlement values from a table of markets", () => {
    const markets = table({ ticker: ["KXA-26OCT01-T1", "KXA-26OCT01-T2"], settlement_value: [0.5625, null] });
    const settlements = [settlement("scalar", { yes_count: 1_000, value: parsePrice("0.56") })];
    expect(pnl({ fills: [fill("bid 10 @ 0.40")], settlements, markets }).realized.toString()).toBe("1.625");
  });

  it("reads a table that has lost its ids, and then counts every row", () => {
    const rows = { created_time: [1, 2], ticker: ["A", "A"], yes_price: [0.4, 0.5], count: [1, 1], fee_cost: [0, 0] };
    const profit = pnl({ fills: table({ ...rows, outcome_side: ["yes", "no"] }) });
    expect(profit.realized.toString()).toBe("0.1");
    expect(profit.fills.columnNames()).not.toContain("fill_id");
  });

  it("names the column that a table of fills lacks", () => {
    const few = pnl({ fills: [fill("bid 1 @ 0.40")] }).fills.select("created_time", "ticker");
    expect(() => pnl({ fills: few })).toThrow(expect.objectContaining({ code: "COLUMN_MISSING" }));
  });

  it("refuses a mark that is no price, naming the market", () => {
    expect(() => pnl({ fills: [], marks: { A: "1.20" } })).toThrow(/mark of A/);
    expect(() => pnl({ fills: [], marks: { A: "abc" } })).toThrow(expect.objectContaining({ code: "BAD_PRICE" }));
  });

  it("gives empty tables and zeros for no fills", () => {
    const profit = pnl({ fills: [] });
    expect(profit.toJSON()).toEqual({
      markets: [],
      total: { realized: "0.000000", unrealized: "0.000000", fees: "0.000000", net: "0.000000" },
    });
    expect(profit.overTime.numRows()).toBe(0);
  });
});

describe("pnl of random fills", () => {
  it.each(["fifo", "average"] as const)("equals a slow reference in fractions, by %s", (method) => {
    fc.assert(
      fc.property(anyAccount, (input) => {
        const profit = pnl({ ...input, method });
        const slow = slowProfit(input.fills, input.settlements, input.marks, method);
        const { markets } = profit.toJSON();
        expect(markets.map(({ ticker, position }) => [ticker, position])).toEqual(
          slow.map(({ ticker, position }) => [ticker, position]),
        );
        for (const [at, market] of markets.entries()) {
          for (const figure of ["realized", "unrealized", "fees", "net"] as const) {
            const exact = slow[at]![figure];
            if (method === "fifo") expect(market[figure], figure).toBe(six(exact));
            expect(isRounded(market[figure], exact), figure).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each(["fifo", "average"] as const)(
    "cash and the value of what is held, less fees, make the net profit, by %s",
    (method) => {
      fc.assert(
        fc.property(anyAccount, (input) => {
          const profit = pnl({ ...input, method });
          const values = new Map<string, Fraction>();
          for (const { ticker, value } of input.settlements)
            values.set(ticker, fraction(BigInt(value ?? 0), 1_000_000n));
          let net = fraction(0n);
          for (const one of input.fills) {
            const sign = one.outcome_side === "yes" ? 1n : -1n;
            const quantity = fraction(sign * BigInt(one.count), 100n);
            const mark = Math.round(Number(input.marks[one.ticker]) * 1e6);
            const end = values.get(one.ticker) ?? fraction(BigInt(mark), 1_000_000n);
            net = add(net, times(quantity, add(end, fraction(-BigInt(one.yes_price), 1_000_000n))));
            net = add(net, fraction(-BigInt(one.fee_cost), 1_000_000n));
          }
          const ours = profit.net.times("1e20");
          expect(compare(fraction(BigInt(ours.toFixed(0)), 10n ** 20n), net)).toBe(0);
          const { markets } = profit;
          const [cash, value, fees, nets] = ["cash", "value", "fees", "net"].map((name) => rawOf(markets, name));
          for (let row = 0; row < markets.numRows(); row += 1) {
            expect(cash![row]! + value![row]! - fees![row]!).toBe(nets![row]);
          }
        }),
        { numRuns: 150 },
      );
    },
  );

  it("does not depend on the order in which fills are given", () => {
    fc.assert(
      fc.property(anyAccount, fc.infiniteStream(fc.nat()), (input, random) => {
        const shuffled = input.fills
          .map((one) => ({ one, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        expect(pnl({ ...input, fills: shuffled }).toJSON()).toEqual(pnl(input).toJSON());
      }),
      { numRuns: 50 },
    );
  });

  it("stays exact where sums leave the exact range of a float", () => {
    const fills = Array.from({ length: 400 }, (_, at) =>
      fill(`${at % 2 === 0 ? "bid" : "ask"} 89999999.99 @ 0.000${(at % 2) + 1}`),
    );
    for (let at = 0; at < 2; at += 1) fills.push(fill("bid 90000000.01 @ 0.9999"), fill("ask 90000000.01 @ 0.0001"));
    const profit = pnl({ fills });
    // 200 × 0.0001 × 89,999,999.99 − 2 × 0.9998 × 90,000,000.01
    expect(profit.realized.toString()).toBe("-178164000.020196");
  });
});
