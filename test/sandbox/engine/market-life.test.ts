import { describe, expect, it } from "vitest";
import { createEngine } from "../../../src/sandbox/engine/engine.js";
import type { EngineEvent, JsonObject } from "../../../src/sandbox/types.js";
import { passes, statusFilters, statusOf } from "../../../src/sandbox/world/lifecycle.js";
import { weeklyPause } from "../../../src/sandbox/world/weekly-pause.js";
import { DOLLAR } from "../../../src/units/price.js";
import { formatTime, HOUR, MINUTE, parseTime, SECOND, toSeconds } from "../../../src/units/time.js";
import { frameComplaints, whyNoFrames } from "../../support/asyncapi.js";
import { codeOf, limit, lostBy } from "../../support/orders.js";
import { MEMBER, OTHER, START, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

/** A quiet market that closes in an hour, is determined a minute later and paid a minute after that. */
function quiet(makers = false) {
  const close = START + HOUR;
  const tiny = tinyWorld([tinyMarket({ ticker: "T", close, settled: close + 2 * MINUTE })], { feeMultiplier: 0 });
  const engine = createEngine({ world: tiny.world, seed: "1", makers });
  for (const member of [MEMBER, OTHER]) engine.addAccount({ ...member, balance: 100 * DOLLAR });
  const market = tiny.world.markets.get("T")!;
  market.wire = { ...market.wire, settlement_timer_seconds: 30, yes_sub_title: "Above 50" };
  const events: EngineEvent[] = [];
  engine.on((event) => events.push(event));
  engine.step(tiny.clock.now());
  const told = () => events.flatMap((event) => (event.type === "lifecycle" ? [event.message] : []));
  const status = () => statusOf(market, tiny.clock.now());
  const place = (request: ReturnType<typeof limit>, who = MEMBER) => engine.place(who.userId, "T", request).order;
  const pass = (span: number) => engine.step(tiny.clock.advance(span));
  return { ...tiny, engine, market, events, told, status, place, pass };
}

function typesOf(messages: readonly JsonObject[]): unknown[] {
  return messages.map(({ event_type }) => event_type);
}

describe("a market's life", () => {
  it("goes from unopened to paid by its times, and is told from its result on", () => {
    const { clock, engine, market, status, pass, told, place } = quiet();
    expect(statusOf(market, market.openTime - 1)).toBe("initialized");
    expect(status()).toBe("active");
    place(limit("bid", "0.50", 1));
    place(limit("ask", "0.50", 1), OTHER);
    pass(HOUR);
    expect([status(), told()]).toEqual(["closed", []]);
    pass(MINUTE);
    expect([status(), typesOf(told())]).toEqual(["determined", ["determined"]]);
    expect(told()[0]).toMatchObject({
      determination_ts: toSeconds(clock.now()),
      result: "yes",
      settlement_value: "1.0000",
    });
    pass(MINUTE);
    expect([status(), typesOf(told())]).toEqual(["finalized", ["determined", "settled"]]);
    expect([engine.audit().escrow, lostBy(engine)]).toEqual([0n, 0n]);
  });

  it("is told when the market comes into the world, with its event", () => {
    const { world, engine, clock, events } = quiet();
    const late = tinyMarket({ ticker: "LATE", eventTicker: "SANDBOX-LATE", open: START + MINUTE });
    const wire = {
      title: "Late",
      sub_title: "Very",
      collateral_return_type: "MECNET",
      strike_date: "2026-11-02T13:00:00Z",
    };
    world.add({ ticker: "SANDBOX-LATE", seriesTicker: "SANDBOX", wire }, [late]);
    engine.step(clock.advance(SECOND));
    const [event, created] = events.filter(({ type }) => type.includes("lifecycle"));
    expect(event).toMatchObject({
      type: "event_lifecycle",
      message: { event_ticker: "SANDBOX-LATE", title: "Late", subtitle: "Very", collateral_return_type: "MECNET" },
    });
    expect(created).toMatchObject({
      type: "lifecycle",
      ticker: "LATE",
      combo: false,
      message: { event_type: "created", open_ts: toSeconds(late.openTime), close_ts: toSeconds(late.closeTime) },
    });
  });

  it("stops for a pause, in which cancels work and nothing else, and goes on with an empty book", () => {
    const { engine, status, place, told, pass, market, clock } = quiet();
    const stays = place(limit("bid", "0.40", 1));
    const goes = place(limit("bid", "0.41", 1, { cancelOnPause: true }));
    const other = place(limit("bid", "0.42", 1), OTHER);
    engine.pause("T");
    expect([status(), passes("paused", market, clock.now()), passes("open", market, clock.now())]).toEqual([
      "inactive",
      true,
      false,
    ]);
    expect([goes.status, goes.reason, stays.status]).toEqual(["canceled", "HaltCancel", "resting"]);
    expect(codeOf(() => place(limit("bid", "0.40", 1)))).toBe("MARKET_INACTIVE");
    const same = { price: 400_000, count: 50, expires: null, clientOrderId: stays.clientOrderId };
    expect(codeOf(() => engine.amend(MEMBER.userId, stays.id, () => same))).toBe("MARKET_INACTIVE");
    expect(codeOf(() => engine.decrease(MEMBER.userId, stays.id, () => 50))).toBe("accepted");
    expect(codeOf(() => engine.cancel(MEMBER.userId, stays.id))).toBe("accepted");
    pass(SECOND);
    engine.resume("T");
    expect([status(), other.status, other.reason]).toEqual(["active", "canceled", "HaltCancel"]);
    expect(engine.book("T")).toEqual({ yes: [], no: [] });
    expect(codeOf(() => place(limit("bid", "0.40", 1)))).toBe("accepted");
    expect(told()).toEqual([
      { event_type: "deactivated", market_ticker: "T", is_deactivated: true },
      { event_type: "activated", market_ticker: "T", is_deactivated: false },
    ]);
  });

  it("holds the makers still in a pause and lets them quote anew after it", () => {
    const { engine, events, pass, clock } = quiet(true);
    pass(SECOND);
    engine.pause("T");
    const before = events.length;
    for (let n = 0; n < 50; n += 1) engine.step(clock.advance(100_000));
    expect(events.slice(before).filter(({ type }) => type === "delta")).toEqual([]);
    engine.resume("T");
    expect(engine.book("T")).toEqual({ yes: [], no: [] });
    for (let n = 0; n < 50; n += 1) engine.step(clock.advance(100_000));
    expect(engine.book("T")!.yes.length).toBeGreaterThan(3);
  });

  it("ends early, and what follows follows as much earlier", () => {
    const { engine, status, place, told, pass, market, clock } = quiet();
    const order = place(limit("bid", "0.40", 1));
    pass(MINUTE);
    engine.closeEarly("T");
    expect([status(), order.status, order.reason]).toEqual(["closed", "canceled", "CloseCancel"]);
    expect(told()).toEqual([
      { event_type: "close_date_updated", market_ticker: "T", close_ts: toSeconds(clock.now()) },
    ]);
    expect(market.wire.close_time).toBe("2026-11-02T12:01:00Z");
    pass(MINUTE);
    expect(status()).toBe("determined");
    pass(MINUTE);
    expect(status()).toBe("finalized");
  });

  it("refuses to touch what rested at its close as long as the exchange would, and then knows it no more", () => {
    const { engine, place, pass } = quiet();
    const [stays, gone] = [place(limit("bid", "0.40", 1)), place(limit("bid", "0.40", 1))];
    engine.cancel(MEMBER.userId, gone.id);
    engine.closeEarly("T");
    const touches = ({ id }: { id: string }) => [
      codeOf(() => engine.cancel(MEMBER.userId, id)),
      codeOf(() => engine.decrease(MEMBER.userId, id, () => 1)),
      codeOf(() => engine.amend(MEMBER.userId, id, () => ({ price: 1, count: 1, expires: null, clientOrderId: "" }))),
    ];
    expect(touches(stays)).toEqual(["MARKET_INACTIVE", "MARKET_INACTIVE", "MARKET_INACTIVE"]);
    expect(touches(gone)).toEqual(["not_found", "not_found", "not_found"]);
    expect(codeOf(() => engine.ahead(MEMBER.userId, stays.id))).toBe("not_found");
    pass(2 * SECOND);
    expect(touches(stays)).toEqual(["not_found", "not_found", "not_found"]);
  });

  it("cannot end early where its record says so, and cannot close in the past", () => {
    const { engine, market } = quiet();
    market.wire = { ...market.wire, can_close_early: false };
    expect(codeOf(() => engine.closeEarly("T"))).toBe("BAD_ARGUMENT");
    expect(codeOf(() => engine.moveClose("T", START - SECOND))).toBe("BAD_ARGUMENT");
  });

  it("begins again where a closed market gets another close date", () => {
    const { engine, status, place, told, pass, clock } = quiet();
    engine.closeEarly("T");
    pass(SECOND);
    engine.reopen("T", clock.now() + MINUTE);
    expect([status(), typesOf(told())]).toEqual(["active", ["close_date_updated", "close_date_updated", "activated"]]);
    const order = place(limit("bid", "0.40", 1));
    pass(MINUTE);
    expect([status(), order.reason]).toEqual(["closed", "CloseCancel"]);
  });

  it("closes later where its date moves while it is open", () => {
    const { engine, status, pass } = quiet();
    engine.moveClose("T", START + 2 * HOUR);
    pass(HOUR + MINUTE);
    expect(status()).toBe("active");
    pass(HOUR);
    expect(status()).toBe("determined");
  });

  it("pays nothing while its result is disputed, then what the amended one says", () => {
    const { engine, status, place, told, pass, market, clock } = quiet();
    place(limit("bid", "0.50", 10));
    place(limit("ask", "0.50", 10), OTHER);
    engine.closeEarly("T");
    engine.determine("T");
    expect([status(), told().at(-1)?.result]).toEqual(["determined", "yes"]);
    engine.dispute("T");
    pass(24 * HOUR);
    expect([status(), passes("closed", market, clock.now()), engine.account(MEMBER.userId).settlements]).toEqual([
      "disputed",
      true,
      [],
    ]);
    engine.amendResult("T", { result: "scalar", value: 300_000, observed: "" });
    expect([status(), told().at(-1)]).toEqual([
      "amended",
      {
        event_type: "determined",
        market_ticker: "T",
        result: "scalar",
        settlement_value: "0.3000",
        determination_ts: toSeconds(clock.now()),
      },
    ]);
    pass(29 * SECOND);
    expect(status()).toBe("amended");
    pass(SECOND);
    expect(status()).toBe("finalized");
    expect(engine.account(MEMBER.userId).settlements).toMatchObject([{ result: "scalar", revenue: 300_000_000n }]);
    expect(lostBy(engine)).toBe(0n);
  });

  it("is paid as it was where a dispute ends without a change", () => {
    const { engine, status, pass } = quiet();
    pass(HOUR + MINUTE);
    engine.dispute("T");
    engine.uphold("T");
    expect(status()).toBe("determined");
    pass(30 * SECOND);
    expect(status()).toBe("finalized");
  });

  it("refuses what its state does not allow, and what has no book", () => {
    const { engine, pass } = quiet();
    expect(codeOf(() => engine.resume("T"))).toBe("BAD_ARGUMENT");
    expect(codeOf(() => engine.determine("T"))).toBe("BAD_ARGUMENT");
    expect(codeOf(() => engine.dispute("T"))).toBe("BAD_ARGUMENT");
    expect(codeOf(() => engine.pause("NONE"))).toBe("MARKET_NOT_FOUND");
    pass(2 * HOUR);
    expect(codeOf(() => engine.pause("T"))).toBe("MARKET_NOT_FOUND");
  });

  it("takes another price grid on its way, and other words about its strike", () => {
    const { engine, place, told, market } = quiet();
    const off = place(limit("bid", "0.41", 1));
    expect(codeOf(() => place(limit("bid", "0.415", 1)))).toBe("invalid_price");
    engine.setPriceStructure("T", "center_half_edge_half_cent");
    expect(codeOf(() => place(limit("bid", "0.415", 1)))).toBe("accepted");
    engine.setPriceStructure("T", "center_whole_edge_half_cent");
    expect(codeOf(() => place(limit("bid", "0.415", 1)))).toBe("invalid_price");
    expect([off.status, market.wire.price_level_structure]).toEqual(["resting", "center_whole_edge_half_cent"]);
    expect(told().at(-1)).toEqual({
      event_type: "price_level_structure_updated",
      market_ticker: "T",
      price_level_structure: "center_whole_edge_half_cent",
      price_ranges: [
        { start: "0.0000", end: "0.1000", step: "0.0050" },
        { start: "0.1000", end: "0.9000", step: "0.0100" },
        { start: "0.9000", end: "1.0000", step: "0.0050" },
      ],
    });
    engine.updateMetadata("T", { floor_strike: 51, yes_sub_title: "Above 51" });
    expect(market.wire).toMatchObject({ floor_strike: 51, yes_sub_title: "Above 51" });
    expect(told().at(-1)).toMatchObject({ event_type: "metadata_updated", floor_strike: 51 });
    expect(codeOf(() => engine.updateMetadata("T", { ticker: "X" }))).toBe("BAD_ARGUMENT");
    expect(codeOf(() => engine.setPriceStructure("T", "toString"))).toBe("BAD_ARGUMENT");
  });

  it("has at every moment one status, found by exactly one filter", () => {
    const { engine, market, clock, pass } = quiet();
    const acts = [
      () => engine.pause("T"),
      () => engine.resume("T"),
      () => engine.closeEarly("T"),
      () => engine.determine("T"),
      () => engine.dispute("T"),
      () => engine.amendResult("T", { result: "no", value: 0, observed: "" }),
      () => pass(MINUTE),
    ];
    for (const act of [() => {}, ...acts]) {
      act();
      expect(statusFilters.filter((filter) => passes(filter, market, clock.now()))).toHaveLength(1);
    }
  });

  it.skipIf(whyNoFrames !== null)(
    `is told in messages of the specification (${whyNoFrames ?? "held against it"})`,
    () => {
      const { engine, world, clock, events, place, pass } = quiet();
      const late = tinyMarket({ ticker: "LATE", eventTicker: "SANDBOX-LATE" });
      const combo = tinyMarket({ ticker: "KXMVE-1", eventTicker: "KXMVE", seriesTicker: "KXMVE" });
      world.add({ ticker: "SANDBOX-LATE", seriesTicker: "SANDBOX", wire: { title: "t" } }, [late]);
      world.add({ ticker: "KXMVE", seriesTicker: "KXMVE", wire: { title: "t" } }, [combo]);
      engine.step(clock.advance(SECOND));
      place(limit("bid", "0.50", 1));
      place(limit("ask", "0.50", 1), OTHER);
      engine.pause("T");
      engine.resume("T");
      engine.setPriceStructure("T", "deci_cent");
      engine.updateMetadata("T", { floor_strike: 51 });
      engine.closeEarly("T");
      engine.reopen("T", clock.now() + MINUTE);
      pass(HOUR);
      const found = events.flatMap((event) => {
        if (event.type === "lifecycle") {
          const type = event.combo ? "multivariate_market_lifecycle" : "market_lifecycle_v2";
          const schema = event.combo ? "multivariateMarketLifecyclePayload" : "marketLifecycleV2Payload";
          return frameComplaints(schema, plain({ type, sid: 1, seq: 1, msg: event.message }));
        }
        if (event.type === "event_lifecycle") {
          return frameComplaints(
            "eventLifecyclePayload",
            plain({ type: event.type, sid: 1, seq: 1, msg: event.message }),
          );
        }
        if (event.type === "position") {
          return frameComplaints(
            "marketPositionPayload",
            plain({ type: "market_position", sid: 1, msg: event.message }),
          );
        }
        return [];
      });
      expect(found).toEqual([]);
      const types = new Set(events.flatMap((event) => (event.type === "lifecycle" ? [event.message.event_type] : [])));
      expect([...types].sort()).toEqual([
        "activated",
        "close_date_updated",
        "created",
        "deactivated",
        "determined",
        "metadata_updated",
        "price_level_structure_updated",
        "settled",
      ]);
      expect(events.filter(({ type }) => type === "position")).toHaveLength(4);
    },
  );
});

describe("a pause of the whole exchange", () => {
  it("of trading takes no orders and lets cancels through; of everything stops them too", () => {
    const { engine, place } = quiet();
    const stays = place(limit("bid", "0.40", 1));
    const goes = place(limit("bid", "0.41", 1, { cancelOnPause: true }));
    engine.pauseTrading();
    expect([engine.halted(), goes.reason, stays.status]).toEqual(["trading", "HaltCancel", "resting"]);
    expect(codeOf(() => place(limit("bid", "0.40", 1)))).toBe("trading_is_paused");
    const same = { price: 400_000, count: 50, expires: null, clientOrderId: stays.clientOrderId };
    expect(codeOf(() => engine.amend(MEMBER.userId, stays.id, () => same))).toBe("trading_is_paused");
    expect(codeOf(() => engine.decrease(MEMBER.userId, stays.id, () => 50))).toBe("accepted");
    engine.pauseExchange();
    expect(codeOf(() => engine.cancel(MEMBER.userId, stays.id))).toBe("exchange_is_paused");
    expect(codeOf(() => place(limit("bid", "0.40", 1)))).toBe("exchange_is_paused");
    engine.resumeExchange();
    expect([engine.halted(), codeOf(() => engine.cancel(MEMBER.userId, stays.id))]).toEqual(["none", "accepted"]);
  });

  it("comes by itself on Thursdays from three to five in New York, summer and winter, where it is wanted", () => {
    for (const [from, expected] of [
      ["2026-10-15T06:00:00Z", "2026-10-15T07:00:00Z"],
      ["2026-10-15T08:59:00Z", "2026-10-15T07:00:00Z"],
      ["2026-10-15T09:00:00Z", "2026-10-22T07:00:00Z"],
      ["2026-11-02T12:00:00Z", "2026-11-05T08:00:00Z"],
    ] as const) {
      expect(weeklyPause(parseTime(from))).toEqual({ from: parseTime(expected), to: parseTime(expected) + 2 * HOUR });
    }
    const tiny = tinyWorld([tinyMarket({ ticker: "T", close: START + 20 * 24 * HOUR })]);
    const engine = createEngine({ world: tiny.world, seed: "1", makers: false, weeklyPause: true });
    const halts: string[] = [];
    for (let hour = 0; hour < 12 * 24; hour += 1) {
      engine.step(tiny.clock.advance(HOUR));
      if (engine.halted() !== "none") halts.push(formatTime(tiny.clock.now()));
    }
    expect(halts).toEqual([
      "2026-11-05T08:00:00Z",
      "2026-11-05T09:00:00Z",
      "2026-11-12T08:00:00Z",
      "2026-11-12T09:00:00Z",
    ]);
  });

  it("holds makers still, while markets close and pay by their times", () => {
    const { engine, events, clock, status } = quiet(true);
    engine.step(clock.advance(SECOND));
    engine.pauseTrading();
    const before = events.length;
    for (let n = 0; n < 50; n += 1) engine.step(clock.advance(100_000));
    expect(events.slice(before).filter(({ type }) => type === "delta")).toEqual([]);
    engine.step(clock.advance(HOUR + 2 * MINUTE));
    expect(status()).toBe("finalized");
  });
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
