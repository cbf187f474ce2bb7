import { describe, expect, it } from "vitest";
import { available } from "../../../src/sandbox/engine/accounts.js";
import { createEngine } from "../../../src/sandbox/engine/engine.js";
import type { EngineEvent } from "../../../src/sandbox/types.js";
import { DEFAULT_START, generateWorld } from "../../../src/sandbox/world/generate.js";
import { formatAmount } from "../../../src/units/money.js";
import { CENT, DOLLAR } from "../../../src/units/price.js";
import { formatTime, HOUR, MINUTE, SECOND } from "../../../src/units/time.js";
import { frameComplaints, whyNoFrames } from "../../support/asyncapi.js";
import { limit, lostBy } from "../../support/orders.js";
import { ManualClock, MEMBER, OTHER, START, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

const at = (time: number, feeType: string | null, feeMultiplier: number | null) => ({
  id: String(time),
  eventTicker: "SANDBOX-TINY",
  seriesTicker: "SANDBOX",
  feeType,
  feeMultiplier,
  time,
});

function exchange({ precision = 100, dollars = 10_000 } = {}) {
  const tiny = tinyWorld([tinyMarket({ ticker: "T" }), tinyMarket({ ticker: "U" })]);
  const engine = createEngine({ world: tiny.world, seed: "1", makers: false });
  for (const member of [MEMBER, OTHER]) engine.addAccount({ ...member, balance: dollars * DOLLAR, precision });
  const events: EngineEvent[] = [];
  engine.on((event) => events.push(event));
  /** Fee of buying a contract at 0.50 now, for the taker and for the maker. */
  const fees = (ticker = "T") => {
    const maker = engine.place(OTHER.userId, ticker, limit("ask", "0.50", 1)).order;
    const { order } = engine.place(MEMBER.userId, ticker, limit("bid", "0.50", 1));
    return [formatAmount(order.takerFees), formatAmount(maker.makerFees)];
  };
  return { ...tiny, engine, events, fees };
}

describe("fees", () => {
  it("are those in force at the time of the fill: the event's override over the series' changes", () => {
    const { world, clock, fees } = exchange();
    world.feeChanges.addSeries({
      id: "s",
      seriesTicker: "SANDBOX",
      feeType: "quadratic_with_maker_fees",
      feeMultiplier: 0.5,
      time: START + HOUR,
    });
    world.feeChanges.addEvent(at(START + 2 * HOUR, "quadratic", 2));
    world.feeChanges.addEvent(at(START + 3 * HOUR, null, null));
    expect(fees()).toEqual(["0.017500", "0.000000"]);
    clock.advance(HOUR - SECOND);
    expect(fees()).toEqual(["0.017500", "0.000000"]);
    clock.advance(2 * SECOND);
    expect(fees()).toEqual(["0.008800", "0.002200"]);
    clock.advance(HOUR);
    expect(fees()).toEqual(["0.035000", "0.000000"]);
    clock.advance(HOUR);
    expect(fees()).toEqual(["0.008800", "0.002200"]);
  });

  it("are none until a market's waiver ends", () => {
    const { world, clock, engine, fees } = exchange();
    const market = world.markets.get("T")!;
    market.wire = { ...market.wire, fee_waiver_expiration_time: formatTime(START + MINUTE) };
    engine.step(clock.now());
    expect([fees(), fees("U")]).toEqual([
      ["0.000000", "0.000000"],
      ["0.017500", "0.000000"],
    ]);
    clock.advance(MINUTE);
    expect(fees()).toEqual(["0.017500", "0.000000"]);
  });

  it("change with a message at their time, not before, and once", () => {
    const { world, clock, engine, events } = exchange();
    world.feeChanges.addEvent(at(START - HOUR, "quadratic", 0.5));
    world.feeChanges.addEvent(at(START + HOUR, null, null));
    engine.step(clock.now());
    const told = () => events.filter(({ type }) => type === "event_fee_update");
    engine.step(clock.advance(HOUR - 1));
    expect(told()).toEqual([]);
    engine.step(clock.advance(1));
    engine.step(clock.advance(HOUR));
    const message = { event_ticker: "SANDBOX-TINY", fee_multiplier_override: null, fee_type_override: null };
    expect(told()).toEqual([{ type: "event_fee_update", message }]);
    if (whyNoFrames === null) {
      expect(
        frameComplaints("eventFeeUpdatePayload", { type: "event_fee_update", sid: 1, seq: 1, msg: message }),
      ).toEqual([]);
    }
  });

  it("that are announced when their time is past are in force at once, in open books too, with one message", () => {
    const { world, clock, engine, events, fees } = exchange();
    engine.step(clock.now());
    expect(fees()).toEqual(["0.017500", "0.000000"]);
    engine.step(clock.advance(HOUR));
    world.feeChanges.addEvent(at(START + MINUTE, "quadratic", 2));
    expect(fees()).toEqual(["0.035000", "0.000000"]);
    engine.step(clock.advance(SECOND));
    world.feeChanges.addEvent(at(START + 2 * MINUTE, null, null));
    const series = { seriesTicker: "SANDBOX", feeType: "quadratic_with_maker_fees", feeMultiplier: 0.5 };
    world.feeChanges.addSeries({ id: "s", ...series, time: START + 3 * MINUTE });
    engine.step(clock.advance(SECOND));
    expect(fees("U")).toEqual(["0.008800", "0.002200"]);
    engine.step(clock.advance(HOUR));
    const told = events.flatMap((event) => (event.type === "event_fee_update" ? [event.message] : []));
    expect(told.map((message) => message.fee_multiplier_override)).toEqual([2, null]);
    expect(lostBy(engine)).toBe(0n);
  });

  it("that rise cancel what can no longer be paid for, the newest first", () => {
    const { world, clock, engine } = exchange({ dollars: 10 });
    const first = engine.place(MEMBER.userId, "T", limit("bid", "0.50", 9)).order;
    const second = engine.place(MEMBER.userId, "U", limit("bid", "0.50", 10)).order;
    world.feeChanges.addEvent(at(START + SECOND, "quadratic_with_maker_fees", 10));
    engine.step(clock.advance(SECOND));
    expect([second.status, second.reason, first.status]).toEqual(["canceled", "MarginCancel", "resting"]);
    expect(available(engine.account(MEMBER.userId))).toBeGreaterThanOrEqual(0n);
    expect(lostBy(engine)).toBe(0n);
  });

  it("are rounded to the cent of an account that is no direct member's, and given back by the cent", () => {
    const { engine } = exchange({ precision: CENT });
    for (let n = 0; n < 3; n += 1) engine.place(OTHER.userId, "T", limit("ask", "0.50", 0.3));
    const { order } = engine.place(MEMBER.userId, "T", limit("bid", "0.50", 0.9));
    // The model's fee is 0.00525 a fill: the change of −0.15525 becomes −0.16 and rounding costs 0.00475 more.
    const mine = engine.account(MEMBER.userId).fills.map(({ fee }) => formatAmount(fee));
    expect(mine).toEqual(["0.010000", "0.010000", "0.000000"]);
    expect(formatAmount(order.takerFees)).toBe("0.020000");
    expect(engine.account(MEMBER.userId).cash % 1_000_000n).toBe(0n);
    expect(lostBy(engine)).toBe(0n);
  });
});

describe("a generated world", () => {
  it("has a series and an event with changes of fees behind and before it", () => {
    const { world } = generateWorld("any", new ManualClock(DEFAULT_START));
    const { series, events } = world.feeChanges;
    for (const list of [series, events]) {
      expect(list.some(({ time }) => time <= DEFAULT_START)).toBe(true);
      expect(list.some(({ time }) => time > DEFAULT_START)).toBe(true);
      expect(list.map(({ time }) => time)).toEqual(list.map(({ time }) => time).sort((a, b) => a - b));
    }
    expect(series.every(({ seriesTicker }) => world.series.has(seriesTicker))).toBe(true);
    expect(events.every(({ eventTicker }) => world.events.has(eventTicker))).toBe(true);
  });
});
