import { describe, expect, it } from "vitest";
import { FeeCalendar, type FeeTerms } from "../../../src/analysis/fees/calendar.js";
import { feesOf } from "../../../src/analysis/fees/fees-of.js";
import type { FillLike } from "../../../src/analysis/read-fills.js";
import { rawOf } from "../../../src/frames/exact.js";
import { parseTime } from "../../../src/units/time.js";

const BEFORE = "2026-08-21T23:59:59.999999Z";
const SINCE = "2026-08-22T00:00:00Z";
const charging = { feeType: "quadratic_with_combo_maker_fees", multiplier: 1 };
const plain = { feeType: "quadratic", multiplier: 1 };

function feeOf(ticker: string, terms: FeeTerms, time: string, is_taker: boolean): readonly [number | null, string] {
  const fill: FillLike = {
    ...{ created_time: parseTime(time), ticker, yes_price: 500_000, count: 10_000, fee_cost: 0 },
    ...{ outcome_side: "yes", book_side: "bid", side: null, is_taker },
    order_id: "00000000-0000-4000-8000-000000000001",
  };
  const table = feesOf([fill], { terms, precision: "0.0001" });
  expect(rawOf(table, "difference")[0]).toBe(rawOf(table, "fee")[0]);
  return [rawOf(table, "fee")[0]!, String(table.get("note", 0))];
}

describe("the fees of combos", () => {
  const combo = "KXMVESPORTS-S2026A-1";

  it("are not told since roles are swapped where a quoter meets a young order, which no record of a fill tells", () => {
    for (const terms of [charging, plain]) {
      for (const isTaker of [true, false]) {
        const [fee, note] = feeOf(combo, terms, SINCE, isTaker);
        expect(fee).toBeNull();
        expect(note).toMatch(/KXMVESPORTS.*roles may be swapped.*5 s/);
      }
    }
  });

  it("are those of the role before that day, but of makers who would pay: independent NFL legs alone are free", () => {
    expect(feeOf(combo, charging, BEFORE, true)).toEqual([1_750_000, "null"]);
    expect(feeOf(combo, plain, BEFORE, true)).toEqual([1_750_000, "null"]);
    expect(feeOf(combo, plain, BEFORE, false)).toEqual([0, "null"]);
    const [fee, note] = feeOf(combo, charging, BEFORE, false);
    expect(fee).toBeNull();
    expect(note).toMatch(/NFL legs/);
  });

  it("are none where the multiplier is 0, whoever was charged as what", () => {
    for (const isTaker of [true, false])
      expect(feeOf(combo, { ...charging, multiplier: 0 }, SINCE, isTaker)).toEqual([0, "null"]);
  });

  it("are those of the role as it stands where the terms say that it is certain", () => {
    const certain = { ...charging, isCombo: false };
    expect(feeOf(combo, certain, SINCE, true)).toEqual([1_750_000, "null"]);
    expect(feeOf(combo, certain, SINCE, false)).toEqual([875_000, "null"]);
  });

  it("leave the fees of every other market as they are", () => {
    expect(feeOf("NORIDX-A-1", { ...plain, feeType: "quadratic_with_maker_fees" }, SINCE, false)[0]).toBe(437_500);
  });

  it("are known for such by fee type, and by a calendar from the ticker or the collection of the market", () => {
    expect(feeOf("NORIDX-A-1", charging, SINCE, true)[0]).toBeNull();
    const market = { event_ticker: "E", fee_waiver_expiration_time: null };
    const calendar = new FeeCalendar({
      series: [{ ticker: "S", fee_type: "quadratic", fee_multiplier: 1 }],
      events: [{ event_ticker: "E", series_ticker: "S", fee_type_override: null, fee_multiplier_override: null }],
      markets: [
        { ...market, ticker: "S-1", mve_collection_ticker: "C" },
        { ...market, ticker: combo },
        { ...market, ticker: "S-2", mve_collection_ticker: null },
      ],
      seriesChanges: [],
      eventChanges: [],
      asOf: parseTime(SINCE),
    });
    const isCombo = (ticker: string) => calendar.termsAt(ticker, parseTime(SINCE)).isCombo === true;
    expect(["S-1", combo, "S-2"].map(isCombo)).toEqual([true, true, false]);
  });
});
