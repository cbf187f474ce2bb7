import { describe, expect, it } from "vitest";
import { FeeCalendar, type FeeRecords } from "../../../src/analysis/fees/calendar.js";
import { feesOf } from "../../../src/analysis/fees/fees-of.js";
import type { FillLike } from "../../../src/analysis/read-fills.js";
import { rawOf } from "../../../src/frames/exact.js";
import { parseTime } from "../../../src/units/time.js";
import { expectError } from "../../support/errors.js";

const START = parseTime("2026-10-01T12:00:00Z");
const noOverride = { fee_type_override: null, fee_multiplier_override: null };

const records: FeeRecords = {
  series: [
    { ticker: "NORIDX", fee_type: "quadratic", fee_multiplier: 1 },
    { ticker: "AVONHIGH", fee_type: "cubic", fee_multiplier: 1 },
    { ticker: "LATER", fee_type: "quadratic", fee_multiplier: 1 },
    { ticker: "WRONG", fee_type: "quadratic", fee_multiplier: -1 },
  ],
  events: ["NORIDX", "AVONHIGH", "LATER", "WRONG"].map((series) => ({
    event_ticker: `${series}-A`,
    series_ticker: series,
    ...noOverride,
  })),
  markets: [
    ...["NORIDX", "AVONHIGH", "LATER", "WRONG"].map((series) => ({
      ticker: `${series}-A-1`,
      event_ticker: `${series}-A`,
      fee_waiver_expiration_time: null,
    })),
    { ticker: "AVONHIGH-A-FREE", event_ticker: "AVONHIGH-A", fee_waiver_expiration_time: START + 1_000 },
  ],
  seriesChanges: [{ series_ticker: "LATER", scheduled_time: START + 10, fee_type: "quadratic", fee_multiplier: 1 }],
  eventChanges: [
    {
      event_ticker: "AVONHIGH-A",
      scheduled_time: START + 100,
      fee_type_override: "quadratic",
      fee_multiplier_override: null,
    },
  ],
  asOf: START + 1_000_000,
};
const terms = new FeeCalendar(records);

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

function fill(ticker: string, time: number, order: number, fee_cost = 17_500): FillLike {
  return {
    ...{ created_time: START + time, ticker, yes_price: 500_000, count: 100, fee_cost },
    ...{ outcome_side: "yes", book_side: "bid", side: null, is_taker: true },
    order_id: idOf(order),
    fill_id: idOf(time),
  };
}

describe("feesOf by a calendar that does not know all terms", () => {
  it("leaves a fill of an unknown fee type without a fee, names series and type, and computes the others", () => {
    const table = feesOf([fill("NORIDX-A-1", 0, 1), fill("AVONHIGH-A-1", 1, 2), fill("NORIDX-A-1", 2, 3, 17_600)], {
      terms,
    });
    for (const name of ["trade_fee", "rounding_fee", "rebate", "fee"])
      expect(rawOf(table, name).map((value) => value === null)).toEqual([false, true, false]);
    expect(rawOf(table, "difference")).toEqual([0, null, -100]);
    expect(rawOf(table, "fee_cost")).toEqual([17_500, 17_500, 17_600]);
    expect(table.array("fee_type")).toEqual(["quadratic", "cubic", "quadratic"]);
    const [before, note, after] = table.array("note") as (string | null)[];
    expect([before, after]).toEqual([null, null]);
    expect(note).toMatch(/^AVONHIGH: .*fee type "cubic"/);
  });

  it("leaves what an order was filled in later without a fee too, and within the same microsecond", () => {
    const list = [
      fill("AVONHIGH-A-1", 0, 1),
      fill("AVONHIGH-A-1", 100, 1),
      fill("AVONHIGH-A-1", 101, 2),
      fill("NORIDX-A-1", 102, 3),
    ];
    const table = feesOf(list, { terms });
    expect(rawOf(table, "fee")).toEqual([null, null, 17_500, 17_500]);
    expect(table.array("fee_type")).toEqual(["cubic", "quadratic", "quadratic", "quadratic"]);
    expect(table.get("note", 1)).toMatch(/another fill of its order.*"cubic"/);
    // What came before the unknown one is known; the order of fills of one microsecond is not.
    const [one, two] = [fill("NORIDX-A-1", 0, 1), fill("AVONHIGH-A-1", 1, 1)];
    const turned = feesOf([one, two, { ...one, created_time: two.created_time, fill_id: idOf(7) }], { terms });
    expect(rawOf(turned, "fee")).toEqual([17_500, null, null]);
  });

  it("charges nothing of the model while a waiver lasts, whatever the fee type", () => {
    expect(rawOf(feesOf([fill("AVONHIGH-A-FREE", 0, 1, 0)], { terms }), "fee")).toEqual([0]);
  });

  it.each([
    ["before the first change on record", "LATER-A-1", /^LATER: .*first change of LATER/],
    ["of a market that is not among the records", "NOWHERE-1", /^NOWHERE-1: .*no market NOWHERE-1/],
    ["of a multiplier that is none", "WRONG-A-1", /^WRONG: not a fee multiplier: -1/],
  ])("says of a fill %s what it lacks, rather than refuse all", (_, ticker, note) => {
    const table = feesOf([fill(ticker, 0, 1), fill("NORIDX-A-1", 1, 2)], { terms });
    expect(rawOf(table, "fee")).toEqual([null, 17_500]);
    expect(table.get("note", 0)).toMatch(note);
  });

  it("refuses terms that are given for all fills and have no published rate", () => {
    const given = { feeType: "cubic", multiplier: 1 };
    expectError(() => feesOf([fill("NORIDX-A-1", 0, 1)], { terms: given }), "BAD_ARGUMENT", /quadratic/);
  });
});
