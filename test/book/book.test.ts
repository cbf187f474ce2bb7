import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyDelta, applySnapshot, bookOf, copyBook } from "../../src/book/apply.js";
import { bestAsk, bestBid, depth, isCrossed, midpoint, spread } from "../../src/book/best.js";
import { Book } from "../../src/book/book.js";
import { Ladder } from "../../src/book/ladder.js";
import { KalshiError } from "../../src/errors.js";
import { CENT, DOLLAR } from "../../src/units/price.js";

/** Prices on every grid: whole cents, tenths, hundredths, finer than a tick, and beyond a dollar. */
const price = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 100 }).map((cents) => cents * CENT) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 1_000 }).map((tenths) => tenths * 1_000) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 10_000 }).map((ticks) => ticks * 100) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * DOLLAR }) },
);
const change = fc.record({
  price,
  delta: fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.constant("empty" as const)),
});
const changes = fc.array(change, { maxLength: 200 });

/** What a ladder should be: a plain map, its best found by looking at every price. */
class Reference {
  readonly levels = new Map<number, number>();
  add(at: number, delta: number): boolean {
    const after = (this.levels.get(at) ?? 0) + delta;
    if (after < 0) return false;
    if (after === 0) this.levels.delete(at);
    else this.levels.set(at, after);
    return true;
  }
  get best(): number | null {
    return this.levels.size === 0 ? null : Math.max(...this.levels.keys());
  }
  sorted(): { price: number; count: number }[] {
    return [...this.levels].map(([at, count]) => ({ price: at, count })).sort((a, b) => a.price - b.price);
  }
}

describe("Ladder", () => {
  it("holds what a plain map holds and always knows the best price, under any deltas on any grid", () => {
    fc.assert(
      fc.property(changes, fc.nat({ max: DOLLAR }), fc.boolean(), (list, lowest, releases) => {
        const ladder = new Ladder();
        const reference = new Reference();
        for (const { price: at, delta } of list) {
          const amount = delta === "empty" ? -(reference.levels.get(at) ?? 0) : delta;
          if (reference.add(at, amount)) expect(ladder.add(at, amount)).toBe(reference.levels.get(at) ?? 0);
          else expect(() => ladder.add(at, amount)).toThrow(KalshiError);
          // Whatever it gives back, nothing of it shows.
          if (releases) ladder.release();
          expect(ladder.best).toBe(reference.best);
          expect(ladder.bestCount).toBe(reference.best === null ? 0 : reference.levels.get(reference.best));
          expect(ladder.at(at)).toBe(reference.levels.get(at) ?? 0);
        }
        expect(ladder.levels()).toEqual(reference.sorted());
        const above = reference.sorted().filter((level) => level.price >= lowest);
        expect(ladder.countFrom(lowest)).toBe(above.reduce((sum, level) => sum + level.count, 0));
      }),
      { numRuns: 300 },
    );
  });

  it("refuses to fall below zero with BOOK_BROKEN and stays as it was", () => {
    const ladder = new Ladder();
    ladder.add(30 * CENT, 500);
    expect(() => ladder.add(30 * CENT, -501)).toThrow(expect.objectContaining({ code: "BOOK_BROKEN" }));
    expect(() => ladder.add(31 * CENT, -1)).toThrow(expect.objectContaining({ code: "BOOK_BROKEN" }));
    expect(() => ladder.add(-CENT, 1)).toThrow(expect.objectContaining({ code: "BOOK_BROKEN" }));
    expect(ladder.levels()).toEqual([{ price: 30 * CENT, count: 500 }]);
  });

  it("starts again after being cleared, whatever grid it had", () => {
    const ladder = new Ladder();
    for (const at of [CENT, 1_500, 150, 7]) ladder.add(at, 100);
    ladder.clear();
    expect(ladder.best).toBeNull();
    expect(ladder.levels()).toEqual([]);
    ladder.add(2 * CENT, 100);
    expect(ladder.levels()).toEqual([{ price: 2 * CENT, count: 100 }]);
  });
});

describe("Book", () => {
  const example = () =>
    bookOf({
      ticker: "SANDBOX-1-A<B",
      yes: [
        { price: 38 * CENT, count: 1_000 },
        { price: 40 * CENT, count: 250 },
      ],
      no: [
        { price: 50 * CENT, count: 300 },
        { price: 570_500, count: 700 },
      ],
    });

  it("reads a NO bid as a YES ask at a dollar less its price", () => {
    const book = example();
    expect(bestBid(book)).toBe(40 * CENT);
    expect(bestAsk(book)).toBe(429_500);
    expect(spread(book)).toBe(29_500);
    expect(midpoint(book)).toBe(414_750);
    expect(isCrossed(book)).toBe(false);
  });

  it("has neither spread nor midpoint while a side is empty", () => {
    const book = new Book("X");
    applyDelta(book, { side: "yes", price: CENT, delta: 100 });
    expect([bestBid(book), bestAsk(book), spread(book), midpoint(book)]).toEqual([CENT, null, null, null]);
    expect(depth(book, 5 * CENT)).toEqual({ bid: 100, ask: 0 });
  });

  it("counts the depth within a distance of the best of each side, the best included", () => {
    expect(depth(example(), 0)).toEqual({ bid: 250, ask: 700 });
    expect(depth(example(), 2 * CENT)).toEqual({ bid: 1_250, ask: 700 });
    expect(depth(example(), 10 * CENT)).toEqual({ bid: 1_250, ask: 1_000 });
  });

  it("is wiped by an empty snapshot", () => {
    const book = example();
    applySnapshot(book, { yes: [], no: [] });
    expect(book.levels()).toEqual({ ticker: "SANDBOX-1-A<B", yes: [], no: [] });
  });

  it("is copied so that later deltas leave the copy alone", () => {
    const book = example();
    const copy = copyBook(book);
    applyDelta(book, { side: "yes", price: 40 * CENT, delta: -250 });
    expect(bestBid(copy)).toBe(40 * CENT);
    expect(bestBid(book)).toBe(38 * CENT);
  });

  it("writes its levels as the exchange does, ascending, the NO side in NO prices", () => {
    expect(JSON.parse(JSON.stringify(example()))).toMatchObject({
      yes_dollars: [
        ["0.3800", "10.00"],
        ["0.4000", "2.50"],
      ],
      no_dollars: [
        ["0.5000", "3.00"],
        ["0.5705", "7.00"],
      ],
    });
  });

  it("shows itself in a notebook as a ladder in YES prices, asks above bids, with its name escaped", () => {
    const book = example();
    const display: unknown = Reflect.get(book, Symbol.for("Jupyter.display"));
    const bundle = (display as () => Record<string, string>).call(book);
    expect(bundle["text/html"]).toContain("SANDBOX-1-A&#60;B");
    expect(bundle["text/plain"]).toBe(
      [
        "SANDBOX-1-A<B",
        "ask   0.5000           3.00",
        "ask   0.4295           7.00",
        "bid   0.4000           2.50",
        "bid   0.3800          10.00",
      ].join("\n"),
    );
    const quoted = new Book(`"A'&B"`);
    const quotedHtml = (display as () => Record<string, string>).call(quoted)["text/html"];
    expect(quotedHtml).toContain(">&#34;A&#39;&#38;B&#34; <em");
  });
});
