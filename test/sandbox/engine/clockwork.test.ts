import { describe, expect, it } from "vitest";
import { Agenda } from "../../../src/sandbox/engine/agenda.js";
import { createClockwork } from "../../../src/sandbox/engine/clockwork.js";
import { createEngine, type Engine } from "../../../src/sandbox/engine/engine.js";
import { createProgress, presentOf } from "../../../src/sandbox/engine/progress.js";
import type { OrderRequest } from "../../../src/sandbox/engine/venue.js";
import { Refused } from "../../../src/sandbox/wire/replies.js";
import { DOLLAR, parsePrice } from "../../../src/units/price.js";
import { SECOND, type Timestamp } from "../../../src/units/time.js";
import { ManualClock, MEMBER, OTHER, START, type TinyWorld, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

let serial = 0;

function order(side: "bid" | "ask", more: Partial<OrderRequest> = {}): OrderRequest {
  serial += 1;
  return {
    ...{ side, price: parsePrice("0.4000"), count: 500, timeInForce: "good_till_canceled" },
    ...{ selfTrade: "taker_at_cross", clientOrderId: `c-${serial}` },
    ...{ postOnly: false, reduceOnly: false, cancelOnPause: false, expires: null, ...more },
  };
}

/** An engine that has been stepped and then stood still while its clock went on for ten seconds, as within one step at speed 1000. */
function late(expires: Timestamp | null): TinyWorld & { engine: Engine; id: string } {
  const tiny = tinyWorld([tinyMarket({ ticker: "T", close: START + 20 * SECOND })]);
  const engine = createEngine({ world: tiny.world, seed: "late", makers: false });
  for (const member of [MEMBER, OTHER]) engine.addAccount({ ...member, balance: 1_000 * DOLLAR });
  engine.step(START);
  const { id } = engine.place(MEMBER.userId, "T", order("ask", { expires })).order;
  tiny.clock.advance(10 * SECOND);
  return { ...tiny, engine, id };
}

const statusOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return error.reply.status;
    throw error;
  }
  return "accepted";
};
const SOON = START + 5 * SECOND;
const amended = { price: parsePrice("0.5000"), count: 500, expires: null, clientOrderId: "other" };

describe("an engine between two steps", () => {
  it("does not fill an order that expired since the last one", () => {
    const { engine, id } = late(SOON);
    const placed = engine.place(OTHER.userId, "T", order("bid"));
    expect(placed.filled).toBe(0);
    expect(engine.account(MEMBER.userId).orders.get(id)).toMatchObject({
      ...{ status: "canceled", reason: "ExpiryCancel", updated: SOON },
    });
    expect(engine.book("T")).toEqual({ yes: [[400_000, 500]], no: [] });
  });

  it("fills one that does not expire yet", () => {
    const { engine } = late(START + 15 * SECOND);
    expect(engine.place(OTHER.userId, "T", order("bid")).filled).toBe(500);
  });

  it.each<[string, (engine: Engine, id: string) => unknown]>([
    ["cancelled", (engine, id) => engine.cancel(MEMBER.userId, id)],
    ["amended", (engine, id) => engine.amend(MEMBER.userId, id, () => amended)],
    ["decreased", (engine, id) => engine.decrease(MEMBER.userId, id, () => 100)],
    ["asked for its place", (engine, id) => engine.ahead(MEMBER.userId, id)],
  ])("knows nothing of an order that expired since, where it is to be %s", (_, act) => {
    const expired = late(SOON);
    expect(statusOf(() => act(expired.engine, expired.id))).toBe(404);
    const alive = late(null);
    expect(statusOf(() => act(alive.engine, alive.id))).toBe("accepted");
  });

  it("takes the orders of a market that closed since for ended", () => {
    const { engine, clock, id } = late(null);
    clock.advance(15 * SECOND);
    expect(statusOf(() => engine.cancel(MEMBER.userId, id))).toBe(404);
    expect(engine.account(MEMBER.userId).orders.get(id)).toMatchObject({
      status: "canceled",
      updated: START + 20 * SECOND,
    });
    expect(statusOf(() => engine.place(OTHER.userId, "T", order("bid")))).toBe(400);
  });

  it("lets nothing expire while it is frozen", () => {
    const { engine, id } = late(SOON);
    engine.freeze();
    expect(engine.cancel(MEMBER.userId, id).count).toBe(500);
  });
});

describe("a clockwork", () => {
  it("is out of its step when something in it throws, and goes on with the next thing", () => {
    const clock = new ManualClock(START);
    const progress = createProgress(clock);
    const agenda = new Agenda<(at: Timestamp) => void>();
    const ran: Timestamp[] = [];
    const nothing = { discover: () => undefined, skipTo: () => undefined, send: () => undefined };
    const clockwork = createClockwork({
      ...{ progress, agenda, everyMs: 10 },
      listings: nothing as never,
      turns: nothing as never,
      tape: nothing as never,
    });
    agenda.add(START + 1, () => {
      throw new Error("a fault of its own");
    });
    agenda.add(START + 2, (at) => ran.push(at));
    const now = clock.advance(SECOND);
    expect(() => clockwork.step(now)).toThrow("a fault of its own");
    expect(presentOf(progress)).toBe(now);
    clockwork.catchUp();
    expect(ran).toEqual([START + 2]);
  });
});
