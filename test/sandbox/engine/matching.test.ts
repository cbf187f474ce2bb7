import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BookSide,
  best,
  createOrderBook,
  crosses,
  type Incoming,
  match,
  type OrderBook,
  opposite,
  ordersOf,
  probe,
  type Resting,
  rest,
  view,
  withdraw,
} from "../../../src/sandbox/engine/matching.js";

interface Seen extends Resting {
  readonly arrived: number;
}

let serial = 0;

function resting(side: BookSide, price: number, count: number, owner = "m"): Seen {
  serial += 1;
  return { id: String(serial), owner, side, price: price * 10_000, remaining: count, arrived: serial };
}

function incoming(side: BookSide, price: number, count: number, more: Partial<Incoming> = {}): Incoming {
  return { owner: "t", side, price: price * 10_000, count, selfTrade: "taker_at_cross", ...more };
}

function bookOf(...orders: Seen[]): OrderBook<Seen> {
  const book = createOrderBook<Seen>();
  for (const order of orders) rest(book, order);
  return book;
}

const action = fc.record({
  kind: fc.constantFrom("limit" as const, "limit" as const, "take" as const, "cancel" as const),
  side: fc.constantFrom("bid" as const, "ask" as const),
  price: fc.integer({ min: 1, max: 99 }),
  count: fc.integer({ min: 1, max: 5_000 }),
  owner: fc.constantFrom("a", "b", "c"),
  selfTrade: fc.constantFrom("taker_at_cross" as const, "maker" as const),
  pick: fc.nat(1_000),
});

/** Contracts that stand in a book. */
function standing(book: OrderBook<Seen>): number {
  return ordersOf(book).reduce((sum, order) => sum + order.remaining, 0);
}

/** Runs one action as the engine would, and tells how contracts moved. */
function run(book: OrderBook<Seen>, one: typeof action extends fc.Arbitrary<infer T> ? T : never) {
  if (one.kind === "cancel") {
    const orders = ordersOf(book);
    const order = orders[one.pick % Math.max(1, orders.length)];
    if (order === undefined) return { added: 0, filled: 0, removed: 0 };
    const removed = order.remaining;
    withdraw(book, order);
    return { added: 0, filled: 0, removed };
  }
  const order = resting(one.side, one.price, one.count, one.owner);
  const result = match(book, { ...one, price: order.price, count: one.count });
  const filled = result.steps.filter((step) => step.type === "fill").reduce((sum, step) => sum + step.count, 0);
  const removed = result.steps.filter((step) => step.type === "withdrawn").reduce((sum, step) => sum + step.count, 0);
  order.remaining = result.remaining;
  const rests = one.kind === "limit" && result.remaining > 0 && !result.stopped;
  if (rests) rest(book, order);
  return { added: rests ? result.remaining : 0, filled, removed };
}

describe("matching", () => {
  it("fills at the resting orders' prices, best price first", () => {
    const book = bookOf(resting("ask", 54, 300), resting("ask", 52, 100), resting("ask", 53, 200));
    const { steps, remaining } = match(book, incoming("bid", 53, 500));
    expect(steps.map(({ resting: order, count }) => [order.price / 10_000, count])).toEqual([
      [52, 100],
      [53, 200],
    ]);
    expect(remaining).toBe(200);
    expect(best(book, "ask")?.price).toBe(540_000);
  });

  it("fills the order that came first at a price first, also after a part of it is gone", () => {
    const first = resting("bid", 40, 300);
    const second = resting("bid", 40, 300);
    const book = bookOf(first, second);
    match(book, incoming("ask", 40, 100));
    const { steps } = match(book, incoming("ask", 40, 400));
    expect(steps.map(({ resting: order, count }) => [order.id, count])).toEqual([
      [first.id, 200],
      [second.id, 200],
    ]);
  });

  it("stops a taker at its own resting order and leaves that order alone", () => {
    const own = resting("ask", 51, 100, "t");
    const book = bookOf(resting("ask", 50, 100), own);
    const result = match(book, incoming("bid", 60, 300));
    expect(result).toMatchObject({ remaining: 200, stopped: true });
    expect(result.steps).toHaveLength(1);
    expect(own.remaining).toBe(100);
  });

  it("withdraws the resting order instead when asked to, and goes on", () => {
    const own = resting("ask", 50, 100, "t");
    const book = bookOf(own, resting("ask", 51, 100));
    const result = match(book, incoming("bid", 60, 100, { selfTrade: "maker" }));
    expect(result.steps.map((step) => step.type)).toEqual(["withdrawn", "fill"]);
    expect(result.remaining).toBe(0);
    expect(ordersOf(book)).toEqual([]);
  });

  it("tells whether a fill-or-kill order would fill without touching the book", () => {
    const book = bookOf(resting("ask", 50, 100), resting("ask", 51, 100, "t"), resting("ask", 52, 100));
    expect(probe(book, incoming("bid", 50, 100))).toBe("whole");
    expect(probe(book, incoming("bid", 50, 101))).toBe("short");
    expect(probe(book, incoming("bid", 52, 300))).toBe("own");
    expect(standing(book)).toBe(300);
  });

  it("shows each side in its own prices, best last", () => {
    const book = bookOf(
      resting("bid", 40, 100),
      resting("bid", 42, 50),
      resting("bid", 42, 25),
      resting("ask", 45, 10),
    );
    rest(book, resting("ask", 47, 20));
    expect(view(book)).toEqual({
      yes: [
        [400_000, 100],
        [420_000, 75],
      ],
      no: [
        [530_000, 20],
        [550_000, 10],
      ],
    });
  });

  it("never leaves a crossed book", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const book = createOrderBook<Seen>();
        for (const one of actions) {
          run(book, one);
          const bid = best(book, "bid");
          if (bid !== null) expect(crosses(book, "bid", bid.price)).toBe(false);
        }
      }),
    );
  });

  it("keeps price-time priority, level totals and sorted sides whatever is done to it", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const book = createOrderBook<Seen>();
        for (const one of actions) run(book, one);
        for (const side of ["bids", "asks"] as const) {
          const prices = book[side].map((level) => level.price);
          expect(prices).toEqual([...new Set(prices)].sort((a, b) => (side === "bids" ? a - b : b - a)));
          for (const level of book[side]) {
            expect(level.total).toBe(level.queue.reduce((sum, order) => sum + order.remaining, 0));
            expect(level.queue.every((order) => order.remaining > 0)).toBe(true);
            expect(level.queue.map((order) => order.arrived)).toEqual(
              level.queue.map((order) => order.arrived).sort((a, b) => a - b),
            );
          }
        }
      }),
    );
  });

  it("fills nobody while a better or an earlier order of another owner stands", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), action, (actions, last) => {
        const book = createOrderBook<Seen>();
        for (const one of actions) run(book, one);
        const order = ordersOf(book).filter((one) => one.side === opposite(last.side));
        const { steps } = match(book, { ...last, price: last.price * 10_000 });
        expect(steps.map((step) => step.resting.id)).toEqual(order.slice(0, steps.length).map((one) => one.id));
      }),
    );
  });

  it("neither makes nor loses a contract", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const book = createOrderBook<Seen>();
        let expected = 0;
        for (const one of actions) {
          const { added, filled, removed } = run(book, one);
          expected += added - filled - removed;
          expect(standing(book)).toBe(expected);
        }
      }),
    );
  });
});
