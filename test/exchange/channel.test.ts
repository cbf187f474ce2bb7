import { describe, expect, it } from "vitest";
import {
  messageTime,
  parseDelta,
  parseEnvelope,
  parseFillMessage,
  parseOrderMessage,
  parseSnapshot,
  parseTickerMessage,
  parseTradeMessage,
} from "../../src/exchange/channel.js";
import { parseTime } from "../../src/units/time.js";
import { expectError } from "../support/errors.js";

/** What is said of a message that is not as it should be. */
const HINT = /kept as it came; .* update this library/;

describe("parseEnvelope", () => {
  it("reads what stands around a message, with or without id, sid, seq and sending time", () => {
    expect(parseEnvelope('{"type":"ok","id":2,"sid":1,"seq":108,"sending_ts_ms":1795329089957,"msg":{}}\n')).toEqual({
      type: "ok",
      id: 2,
      sid: 1,
      seq: 108,
      sentTime: 1795329089957000,
      msg: {},
    });
    expect(parseEnvelope('{"type":"ticker"}')).toEqual({
      type: "ticker",
      id: null,
      sid: null,
      seq: null,
      sentTime: null,
      msg: undefined,
    });
  });

  it("refuses what is no JSON object with a type", () => {
    for (const text of ["", "[]", "null", "7", '{"sid":1}', '{"type":']) {
      expectError(() => parseEnvelope(text), "BAD_RECORD", HINT);
    }
  });
});

describe("messages", () => {
  it("reads an absent side of a snapshot as empty", () => {
    expect(parseSnapshot({ market_ticker: "A", market_id: "" })).toEqual({ ticker: "A", yes: [], no: [] });
    expect(parseSnapshot({ market_ticker: "A", no_dollars_fp: [["0.0050", "0.37"]] })).toEqual({
      ticker: "A",
      yes: [],
      no: [{ price: 5_000, count: 37 }],
    });
  });

  it("reads fractional sizes and sub-penny prices of a delta exactly", () => {
    const message = { market_ticker: "A", price_dollars: "0.9605", delta_fp: "-12.07", side: "no", ts_ms: 5 };
    expect(parseDelta(message)).toEqual({
      ticker: "A",
      side: "no",
      price: 960_500,
      delta: -1_207,
      time: 5_000,
      clientOrderId: null,
    });
  });

  it("refuses a delta with another side, a number for a text, or no market", () => {
    const good = { market_ticker: "A", price_dollars: "0.5", delta_fp: "1", side: "yes" };
    for (const bad of [{ side: "yep" }, { price_dollars: 0.5 }, { delta_fp: 1 }, { market_ticker: undefined }]) {
      expectError(() => parseDelta({ ...good, ...bad }), "BAD_RECORD", HINT);
    }
    expectError(() => parseDelta({ ...good, delta_fp: "1.005" }), "BAD_COUNT", /at most two decimals/);
  });

  it("takes the time from ts_ms, from RFC 3339 with trimmed zeros, or from whole seconds", () => {
    expect(messageTime({ ts_ms: 1_795_329_089_957, ts: 1 })).toBe(1_795_329_089_957_000);
    for (const [ts, same] of [
      ["2026-11-22T06:31:29.27Z", "2026-11-22T06:31:29.270000Z"],
      ["2026-11-22T06:31:29.5Z", "2026-11-22T06:31:29.500000Z"],
      ["2026-11-22T06:31:49Z", "2026-11-22T06:31:49.000000Z"],
    ] as const) {
      expect(messageTime({ ts })).toBe(parseTime(same));
    }
    expect(messageTime({ ts: 1_795_329_089 })).toBe(1_795_329_089_000_000);
    expect(messageTime({})).toBeNull();
  });

  it("reads trade, ticker, fill and order in exact units and keeps fields it does not know", () => {
    const trade = {
      trade_id: "t",
      market_ticker: "A",
      yes_price_dollars: "0.5200",
      no_price_dollars: "0.4800",
      count_fp: "1.50",
      taker_side: "yes",
      is_block_trade: false,
      novel: 1,
    };
    expect(parseTradeMessage(trade)).toMatchObject({
      ticker: "A",
      yes_price: 520_000,
      count: 150,
      extra: { novel: 1 },
    });
    const ticker = {
      market_ticker: "A",
      yes_bid_dollars: "0.0000",
      yes_ask_dollars: "0.5200",
      yes_ask_size_fp: "3.50",
    };
    expect(parseTickerMessage(ticker)).toMatchObject({ yes_bid: 0, yes_ask: 520_000, yes_ask_size: 350, volume: null });
    const fill = {
      market_ticker: "A",
      trade_id: "t",
      order_id: "o",
      is_taker: true,
      yes_price_dollars: "0.5",
      count_fp: "2",
      fee_cost: "0.0175",
      post_position_fp: "-2.00",
    };
    expect(parseFillMessage(fill)).toMatchObject({ fee_cost: 17_500, post_position: -200, is_taker: true });
    const order = { ticker: "A", order_id: "o", status: "resting", remaining_count_fp: "3.00" };
    expect(parseOrderMessage(order)).toMatchObject({ ticker: "A", status: "resting", remaining_count: 300 });
  });
});
