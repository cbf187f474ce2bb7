import { describe, expect, it } from "vitest";
import { available } from "../../../src/sandbox/engine/accounts.js";
import { createEngine, type Engine } from "../../../src/sandbox/engine/engine.js";
import { DOLLAR } from "../../../src/units/price.js";
import { MINUTE } from "../../../src/units/time.js";
import { limit, lostBy } from "../../support/orders.js";
import { MEMBER, OTHER, START, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

const MEMBERS = [MEMBER, OTHER];
const CLOSE = START + MINUTE;

/** Three markets that exclude each other, all paid two minutes after they close, and one that goes on. It begins so much after `START`. */
function exchange(by = 0) {
  const no = { result: "no", value: 0, observed: "" } as const;
  const times = { close: CLOSE, settled: CLOSE + 2 * MINUTE };
  // A world made when they have closed gives them no book.
  const live = by < MINUTE;
  const markets = ["A", "B", "C"].map((ticker) =>
    tinyMarket({ ticker, eventTicker: "ONE", live, ...times, ...(ticker === "A" ? {} : { outcome: no }) }),
  );
  const { world, clock } = tinyWorld([...markets, tinyMarket({ ticker: "LONG" })]);
  clock.advance(by);
  const wire = { collateral_return_type: "MECNET", mutually_exclusive: true };
  world.events.set("ONE", { ticker: "ONE", seriesTicker: "SANDBOX", wire });
  const engine = createEngine({ world, seed: "1", makers: false });
  for (const member of MEMBERS) engine.addAccount({ ...member, balance: 100 * DOLLAR });
  return { clock, engine };
}

/** Another engine that goes on from what one holds now, by a clock that has gone on meanwhile. */
function goOn(from: Engine, by: number) {
  const { clock, engine } = exchange(by);
  for (const { userId } of MEMBERS) {
    const { resting: _, restingIn: __, ...kept } = from.account(userId);
    Object.assign(engine.account(userId), structuredClone(kept));
  }
  const orders = MEMBERS.flatMap(({ userId }) => [...engine.account(userId).orders.values()]);
  const { fees, deposited } = from.audit();
  engine.continueFrom({
    orders: orders.filter(({ status }) => status === "resting"),
    groups: [],
    fees,
    deposited,
    run: 1,
  });
  engine.step(clock.now());
  return { engine, clock };
}

function trade(engine: Engine) {
  for (const ticker of ["A", "B", "LONG"]) {
    engine.place(OTHER.userId, ticker, limit("bid", "0.50", 10));
    engine.place(MEMBER.userId, ticker, limit("ask", "0.50", 10));
  }
  engine.place(MEMBER.userId, "C", limit("ask", "0.30", 20));
  engine.place(OTHER.userId, "LONG", limit("bid", "0.20", 30));
}

function standing(engine: Engine) {
  return MEMBERS.map(({ userId }) => {
    const account = engine.account(userId);
    const { cash, returnedTotal, reservedTotal } = account;
    const settled = [...account.positions.values()].map((position) => [
      position.ticker,
      position.count,
      position.settled,
    ]);
    return {
      cash,
      returnedTotal,
      reservedTotal,
      available: available(account),
      settled,
      resting: account.resting.size,
    };
  });
}

describe("an engine that goes on from another", () => {
  it.each([
    ["at the same moment", 0],
    ["after markets have closed", MINUTE + 1],
    ["after they were determined", 2 * MINUTE + 1],
    ["after they were paid", 3 * MINUTE + 1],
  ])("leaves everybody with what they would have had without the stop, %s", (_, by) => {
    const first = exchange();
    first.engine.step(START);
    trade(first.engine);
    const second = goOn(first.engine, by);
    first.engine.step(first.clock.advance(by));
    expect(standing(second.engine)).toEqual(standing(first.engine));
    for (const { engine, clock } of [first, second]) engine.step(clock.advance(3 * MINUTE));
    expect(standing(second.engine)).toEqual(standing(first.engine));
    expect(second.engine.audit().fees).toBe(first.engine.audit().fees);
    expect(lostBy(second.engine)).toBe(0n);
  });
});
