import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyDelta, bookOf } from "../../src/book/apply.js";
import { Book } from "../../src/book/book.js";
import type { Delta, Snapshot } from "../../src/book/event.js";
import { BookWatch } from "../../src/recorder/book-watch.js";

const CENT = 10_000;
const on = { receivedAt: 0, time: null, connection: 1, ticker: "A", sid: 1, sequence: 1 };

function delta(side: "yes" | "no", cents: number, change: number, count: number): Delta {
  const event = { ...on, type: "delta", side, price: cents * CENT, delta: change, count, state: "ok" } as const;
  return { ...event, client_order_id: null };
}

function snapshot(book: Book): Snapshot {
  return { ...on, type: "snapshot", ...book.levels() };
}

function bookWith(yes: readonly (readonly [cents: number, count: number])[]): Book {
  return bookOf({ ticker: "A", yes: yes.map(([cents, count]) => ({ price: cents * CENT, count })), no: [] });
}

describe("a book that is watched", () => {
  it("names the levels that another view has otherwise, those that only one has included", () => {
    const watch = new BookWatch(bookWith([[10, 500], [11, 200], [12, 100]])); // biome-ignore format: levels read as a ladder
    const other = bookWith([[10, 500], [11, 300], [13, 50]]).levels(); // biome-ignore format: levels read as a ladder
    expect(watch.differences(other)).toEqual([
      { side: "yes", price: 11 * CENT, ours: 200, rest: 300 },
      { side: "yes", price: 12 * CENT, ours: 100, rest: 0 },
      { side: "yes", price: 13 * CENT, ours: 0, rest: 50 },
    ]);
  });

  it("tells the differences to the state that was nearest, not to the last", () => {
    const watch = new BookWatch(bookWith([[10, 500]]));
    watch.take(delta("yes", 11, 100, 100));
    watch.take(delta("yes", 12, 50, 50));
    watch.take(delta("no", 20, 700, 700));
    const other = bookWith([[10, 500], [11, 150], [12, 50]]).levels(); // biome-ignore format: levels read as a ladder
    expect(watch.differences(other)).toEqual([{ side: "yes", price: 11 * CENT, ours: 100, rest: 150 }]);
  });

  it("is broken by a stale delta and by a book that was stale to begin with", () => {
    expect(new BookWatch(new Book("A")).isBroken).toBe(true);
    const watch = new BookWatch(bookWith([[10, 500]]));
    watch.take({ ...delta("yes", 10, 1, 501), state: "stale" });
    expect(watch.isBroken).toBe(true);
  });

  const change = fc.record({
    side: fc.constantFrom("yes" as const, "no" as const),
    cents: fc.integer({ min: 1, max: 6 }),
    to: fc.integer({ min: 0, max: 4 }),
    replaced: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });

  /** Plays changes on a book and on its watch; gives every state that there was. */
  function play(changes: readonly { side: "yes" | "no"; cents: number; to: number; replaced: boolean }[]) {
    const book = bookWith([[3, 2]]);
    const watch = new BookWatch(book);
    const states = [book.levels()];
    for (const { side, cents, to, replaced } of changes) {
      const price = cents * CENT;
      const by = to - book[side].at(price);
      applyDelta(book, { side, price, delta: by });
      watch.take(replaced ? snapshot(book) : delta(side, cents, by, to));
      states.push(book.levels());
    }
    return { watch, states };
  }

  it("equals every state that it went through", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.nat(), (changes, which) => {
        const { watch, states } = play(changes);
        expect(watch.differences(states[which % states.length]!)).toEqual([]);
      }),
    );
  });

  it("differs from a view that is like none of its states, in as few levels as from the nearest of them", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.array(change, { maxLength: 10 }), (changes, others) => {
        const { watch, states } = play(changes);
        const other = play(others).states.at(-1)!;
        const text = ({ yes, no }: (typeof states)[number]) =>
          new Set([...yes.map((l) => `y${l.price}:${l.count}`), ...no.map((l) => `n${l.price}:${l.count}`)]);
        const prices = (a: Set<string>, b: Set<string>) =>
          new Set([...a].filter((one) => !b.has(one)).map((one) => one.split(":")[0]));
        const distances = states.map((state) => {
          const [a, b] = [text(state), text(other)];
          return new Set([...prices(a, b), ...prices(b, a)]).size;
        });
        expect(watch.differences(other).length).toBe(Math.min(...distances));
      }),
    );
  });
});
