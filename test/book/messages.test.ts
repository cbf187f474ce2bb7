import { describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { Feed } from "../../src/book/feed.js";
import { frame } from "../support/frames.js";

const RECEIVED = 1_795_329_090_000_000;

/** The one event that a message gives. */
function eventOf(type: string, on: { sid: number; seq?: number }, msg: unknown): BookEvent {
  const events: BookEvent[] = [];
  const feed = new Feed((event) => events.push(event));
  feed.connected({ connection: 3, receivedAt: RECEIVED, useYesPrice: false });
  feed.push(frame(type, on, msg), RECEIVED);
  expect(events).toHaveLength(1);
  return events[0]!;
}

const uuid = "0f0f0f0f-1111-4222-8333-444444444444";
const heard = { receivedAt: RECEIVED, connection: 3 };

describe("messages that change no book", () => {
  it("gives a fill in the exchange's own names, with the sell's side as it came", () => {
    const msg = {
      trade_id: uuid,
      order_id: uuid,
      market_ticker: "A",
      is_taker: true,
      yes_price_dollars: "0.0370",
      count_fp: "2.50",
      fee_cost: "0.0100",
      outcome_side: "no",
      book_side: "ask",
      post_position_fp: "-2.50",
      ts_ms: 1_795_329_089_123,
    };
    expect(eventOf("fill", { sid: 4 }, msg)).toMatchObject({
      ...heard,
      type: "fill",
      ticker: "A",
      sid: 4,
      sequence: null,
      time: 1_795_329_089_123_000,
      yes_price: 37_000,
      count: 250,
      fee_cost: 10_000,
      outcome_side: "no",
      post_position: -250,
    });
  });

  it("gives an order with its market under either name, and its time from last_updated_ts_ms", () => {
    const order = { order_id: uuid, status: "resting", remaining_count_fp: "7.00", last_updated_ts_ms: 1_000 };
    const expected = { type: "order", ticker: "A", status: "resting", remaining_count: 700, time: 1_000_000 };
    expect(eventOf("user_order", { sid: 5 }, { ...order, ticker: "A" })).toMatchObject(expected);
    expect(eventOf("user_order", { sid: 5 }, { ...order, market_ticker: "A" })).toMatchObject(expected);
  });

  it("gives a position, negative for NO, with amounts of six decimals exactly", () => {
    const msg = {
      user_id: uuid,
      market_ticker: "A",
      position_fp: "-12.25",
      position_cost_dollars: "5.123456",
      realized_pnl_dollars: "-0.210540",
      fees_paid_dollars: "0.070001",
      position_fee_cost_dollars: "0.070001",
      volume_fp: "40.00",
    };
    expect(eventOf("market_position", { sid: 6 }, msg)).toMatchObject({
      ...heard,
      type: "position",
      ticker: "A",
      time: null,
      sequence: null,
      position: -1_225,
      position_cost: 5_123_456,
      realized_pnl: -210_540,
      fees_paid: 70_001,
      volume: 4_000,
      extra: { user_id: uuid },
    });
  });

  it("gives an order group, which belongs to no market", () => {
    const msg = { event_type: "limit_updated", order_group_id: "g1", contracts_limit_fp: "100.00", ts_ms: 5 };
    expect(eventOf("order_group_updates", { sid: 7, seq: 1 }, msg)).toMatchObject({
      type: "order_group",
      ticker: null,
      sequence: 1,
      time: 5_000,
      event_type: "limit_updated",
      order_group_id: "g1",
      contracts_limit: 10_000,
    });
  });

  it("gives a market that was created with its event, its times in seconds, its grid and its strikes", () => {
    const ranges = [{ start: "0.0000", end: "1.0000", step: "0.0100" }];
    const msg = {
      event_type: "created",
      market_ticker: "KXBTC15M-26MAY110145-45",
      exchange_index: 0,
      open_ts: 1_795_329_000,
      close_ts: 1_795_329_900,
      price_level_structure: "linear_cent",
      price_ranges: ranges,
      additional_metadata: { event_ticker: "KXBTC15M-26MAY110145", title: "BTC up?", floor_strike: 4.375, name: "Up" },
    };
    expect(eventOf("market_lifecycle_v2", { sid: 8, seq: 4 }, msg)).toMatchObject({
      type: "lifecycle",
      kind: "market_lifecycle_v2",
      ticker: "KXBTC15M-26MAY110145-45",
      event_ticker: "KXBTC15M-26MAY110145",
      event_type: "created",
      sequence: 4,
      time: null,
      open_time: 1_795_329_000_000_000,
      close_time: 1_795_329_900_000_000,
      price_ranges: ranges,
      title: "BTC up?",
      floor_strike: 4.375,
      result: null,
    });
  });

  it("gives a determined combo with the value of a contract, and tells the channels apart by kind", () => {
    const msg = {
      event_type: "determined",
      market_ticker: "KXMVE-1",
      result: "scalar",
      determination_ts: 1_795_329_001,
      settlement_value: "0.5600",
    };
    expect(eventOf("multivariate_market_lifecycle", { sid: 9, seq: 1 }, msg)).toMatchObject({
      type: "lifecycle",
      kind: "multivariate_market_lifecycle",
      ticker: "KXMVE-1",
      result: "scalar",
      settlement_value: 560_000,
      determination_time: 1_795_329_001_000_000,
    });
  });

  it("gives an event's beginning and its own fee as lifecycle of no market", () => {
    const event = {
      event_ticker: "E",
      series_ticker: "S",
      title: "T",
      collateral_return_type: "MECNET",
      strike_date: 7,
    };
    expect(eventOf("event_lifecycle", { sid: 8, seq: 1 }, event)).toMatchObject({
      type: "lifecycle",
      kind: "event_lifecycle",
      ticker: null,
      event_ticker: "E",
      series_ticker: "S",
      strike_date: 7_000_000,
    });
    const fee = { event_ticker: "E", fee_type_override: null, fee_multiplier_override: 0.5 };
    expect(eventOf("event_fee_update", { sid: 8, seq: 1 }, fee)).toMatchObject({
      type: "lifecycle",
      kind: "event_fee_update",
      ticker: null,
      fee_type_override: null,
      fee_multiplier_override: 0.5,
    });
  });

  it("keeps a message of a known type that lacks what it must have as unknown, with what is wrong", () => {
    expect(eventOf("market_position", { sid: 6 }, { market_ticker: "A" })).toMatchObject({
      type: "unknown",
      kind: "market_position",
      ticker: "A",
      text: expect.stringContaining('"market_position"'),
      problem: expect.stringContaining("position"),
    });
  });

  it("reads a trade's whole second, and a ticker's time with its trailing zeros trimmed", () => {
    const trade = {
      trade_id: uuid,
      market_ticker: "A",
      yes_price_dollars: "0.5200",
      count_fp: "1.00",
      ts: 1_795_329_089,
    };
    expect(eventOf("trade", { sid: 2, seq: 1 }, trade)).toMatchObject({ time: 1_795_329_089_000_000 });
    for (const [text, micros] of [
      ["2026-11-22T06:31:29.27Z", 270_000],
      ["2026-11-22T06:31:29.5Z", 500_000],
      ["2026-11-22T06:31:29Z", 0],
    ] as const) {
      expect(eventOf("ticker", { sid: 3 }, { market_ticker: "A", time: text }).time).toBe(
        Date.UTC(2026, 10, 22, 6, 31, 29) * 1000 + micros,
      );
    }
  });
});
