import { describe, expect, it } from "vitest";
import { FeeCalendar, type FeeRecords } from "../../../src/analysis/fees/calendar.js";
import { parseEventFeeMessage } from "../../../src/exchange/channel.js";
import { parseTime } from "../../../src/units/time.js";
import { expectError } from "../../support/errors.js";

const at = (text: string) => parseTime(`2026-${text}T00:00:00Z`);
const half = { fee_type: "quadratic", fee_multiplier: 0.5 };
const full = { fee_type: "quadratic", fee_multiplier: 1 };

const records: FeeRecords = {
  series: [
    { ticker: "NORIDX", ...full },
    { ticker: "AVONHIGH", ...full },
  ],
  events: [
    { event_ticker: "NORIDX-A", series_ticker: "NORIDX", fee_type_override: null, fee_multiplier_override: null },
    { event_ticker: "AVONHIGH-A", series_ticker: "AVONHIGH", fee_type_override: null, fee_multiplier_override: 2 },
  ],
  markets: [
    { ticker: "NORIDX-A-1", event_ticker: "NORIDX-A", fee_waiver_expiration_time: at("06-05") },
    { ticker: "NORIDX-A-2", event_ticker: "NORIDX-A", fee_waiver_expiration_time: null },
    { ticker: "AVONHIGH-A-1", event_ticker: "AVONHIGH-A", fee_waiver_expiration_time: null },
    { ticker: "LOST-1", event_ticker: "LOST", fee_waiver_expiration_time: null },
  ],
  seriesChanges: [
    // In no order: the calendar sorts them.
    { series_ticker: "NORIDX", scheduled_time: at("07-01"), ...full },
    { series_ticker: "NORIDX", scheduled_time: at("06-01"), ...half },
    { series_ticker: "AVONHIGH", scheduled_time: at("12-01"), ...half },
  ],
  eventChanges: [
    change("NORIDX-A", at("07-10"), "quadratic_with_maker_fees", null),
    change("NORIDX-A", at("07-20"), null, null),
  ],
  asOf: at("10-01"),
};

function change(event_ticker: string, scheduled_time: number, type: string | null, multiplier: number | null) {
  return { event_ticker, scheduled_time, fee_type_override: type, fee_multiplier_override: multiplier };
}

describe("the fee calendar", () => {
  const calendar = new FeeCalendar(records);
  const terms = (ticker: string, time: number) => calendar.termsAt(ticker, time);

  it("gives the terms of the last change before a moment, from its very microsecond on", () => {
    expect(terms("NORIDX-A-1", at("07-01") - 1)).toEqual({ feeType: "quadratic", multiplier: 0.5 });
    expect(terms("NORIDX-A-1", at("07-01"))).toEqual({ feeType: "quadratic", multiplier: 1 });
  });

  it("lets an event's own terms beat those of its series, each alone, until they end", () => {
    const own = "quadratic_with_maker_fees";
    expect(terms("NORIDX-A-1", at("07-10"))).toEqual({ feeType: own, multiplier: 1 });
    expect(terms("NORIDX-A-1", at("07-20"))).toEqual({ feeType: "quadratic", multiplier: 1 });
  });

  it("charges nothing while a market's waiver lasts", () => {
    expect(terms("NORIDX-A-1", at("06-05") - 1)).toEqual({ feeType: "quadratic", multiplier: 0 });
    expect(terms("NORIDX-A-1", at("06-05"))).toEqual({ feeType: "quadratic", multiplier: 0.5 });
  });

  it("needs to know nothing of a series while a waiver makes all of it free", () => {
    expect(terms("NORIDX-A-1", at("05-31"))).toEqual({ feeType: "quadratic", multiplier: 0 });
  });

  it("takes what the records say where nothing has changed yet, and a change to come from its time on", () => {
    const { eventChanges, events, ...rest } = records;
    const plain = new FeeCalendar({
      ...rest,
      eventChanges,
      events: [...events].map((event) => ({ ...event, fee_multiplier_override: null })),
    });
    expect(plain.termsAt("AVONHIGH-A-1", at("01-01"))).toEqual({ feeType: "quadratic", multiplier: 1 });
    expect(plain.termsAt("AVONHIGH-A-1", at("12-01"))).toEqual({ feeType: "quadratic", multiplier: 0.5 });
    // What the event's record says beats both.
    expect(terms("AVONHIGH-A-1", at("01-01"))).toEqual({ feeType: "quadratic", multiplier: 2 });
  });

  it("says that it does not know what held before the first change on record, rather than guess", () => {
    const error = expectError(() => terms("NORIDX-A-2", at("05-31")), "FEES_UNKNOWN", /fee type and multiplier/);
    expect(error.message).toMatch(/NORIDX.*2026-06-01/);
  });

  it("names the market, event or series that is not among its records", () => {
    expect(expectError(() => terms("NOWHERE-1", 0), "FEES_UNKNOWN", /records/).message).toContain("NOWHERE-1");
    expect(expectError(() => terms("LOST-1", 0), "FEES_UNKNOWN", /records/).message).toContain("LOST");
    const { series, ...rest } = records;
    expect([...series]).toHaveLength(2);
    const without = new FeeCalendar({ ...rest, series: [], events: [...records.events].map(withoutOwn) });
    expect(expectError(() => without.termsAt("AVONHIGH-A-1", 0), "FEES_UNKNOWN", /records/).message).toContain(
      "AVONHIGH",
    );
  });
});

describe("a fee calendar with event_fee_update messages", () => {
  const own = (multiplier: number | null) =>
    parseEventFeeMessage({
      event_ticker: "NORIDX-A",
      ...(multiplier === null ? {} : { fee_type_override: "quadratic", fee_multiplier_override: multiplier }),
    });
  const free = { feeType: "quadratic", multiplier: 0 };

  it("gives an event's terms from a message's time on, and the series' again once one ends them", () => {
    const calendar = new FeeCalendar(records);
    const told = calendar.with(own(0), at("11-01")).with(own(null), at("11-02"));
    const before = { feeType: "quadratic", multiplier: 1 };
    expect(told.termsAt("NORIDX-A-1", at("11-01") - 1)).toEqual(before);
    expect(told.termsAt("NORIDX-A-1", at("11-01"))).toEqual(free);
    expect(told.termsAt("NORIDX-A-1", at("11-02"))).toEqual(before);
    // The one it was made of stays as it was, and what the changes on record say of the past stands.
    expect(calendar.termsAt("NORIDX-A-1", at("11-01"))).toEqual(before);
    expect(told.termsAt("NORIDX-A-1", at("07-10")).feeType).toBe("quadratic_with_maker_fees");
  });

  it("leaves a change to come on record, which comes in its time", () => {
    const eventChanges = [...records.eventChanges, change("NORIDX-A", at("11-10"), "quadratic", 0.5)];
    const told = new FeeCalendar({ ...records, eventChanges }).with(own(0), at("11-01"));
    expect(told.termsAt("NORIDX-A-1", at("11-09"))).toEqual(free);
    expect(told.termsAt("NORIDX-A-1", at("11-10"))).toEqual({ feeType: "quadratic", multiplier: 0.5 });
  });

  it("lets what the record says hold until the message, though a clock puts that before the record was read", () => {
    const message = { event_ticker: "AVONHIGH-A", fee_type_override: null, fee_multiplier_override: null };
    const told = new FeeCalendar(records).with(parseEventFeeMessage(message), records.asOf - 100_000);
    expect(told.termsAt("AVONHIGH-A-1", records.asOf - 100_001).multiplier).toBe(2);
    expect(told.termsAt("AVONHIGH-A-1", records.asOf).multiplier).toBe(1);
  });

  it("passes over messages on other events, of which the channel has all", () => {
    const calendar = new FeeCalendar(records);
    expect(calendar.with({ ...own(0), event_ticker: "ELSEWHERE" }, at("11-01"))).toBe(calendar);
  });

  it("reads each list of records once, so that they may be generators", () => {
    const { series, events, markets, ...rest } = records;
    const once = { ...rest, series: each(series), events: each(events), markets: each(markets) };
    expect(new FeeCalendar(once).with(own(0), at("11-01")).termsAt("NORIDX-A-1", at("11-01"))).toEqual(free);
  });
});

function* each<T>(items: Iterable<T>): Generator<T> {
  yield* items;
}

function withoutOwn<E extends { readonly event_ticker: string }>(event: E): E & { fee_multiplier_override: null } {
  return { ...event, fee_multiplier_override: null };
}
