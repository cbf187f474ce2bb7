import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../../../../src/sandbox/types.js";
import { MILLISECOND, SECOND } from "../../../../src/units/time.js";
import { START, tinyEngine, tinyMarket, tinyWorld } from "../../../support/tiny-world.js";

/** An engine over two markets, of which the second closes after three seconds, and every delta of it since. */
function flowing() {
  const tiny = tinyWorld([tinyMarket({ ticker: "A" }), tinyMarket({ ticker: "B", close: START + 3 * SECOND })]);
  const engine = tinyEngine(tiny);
  const deltas: Extract<EngineEvent, { type: "delta" }>[] = [];
  engine.step(tiny.clock.advance(100 * MILLISECOND));
  engine.on((event) => {
    if (event.type === "delta") deltas.push(event);
  });
  const run = (seconds: number) => {
    for (let n = 0; n < seconds * 100; n += 1) engine.step(tiny.clock.advance(10 * MILLISECOND));
  };
  const of = (ticker: string) => deltas.filter((delta) => delta.ticker === ticker);
  return { engine, run, of };
}

describe("a flow of quotes", () => {
  it.each([25, 200, 20_000])(
    "has %i deltas a second, each of the book and in order of time, and moves no best price",
    (perSecond) => {
      const { engine, run, of } = flowing();
      const before = engine.ticker("A");
      const best = [before?.yesBid, before?.yesAsk];
      const book = engine.book("A")!;
      expect(engine.requote("A", perSecond)).toBe(true);
      run(2);
      const deltas = of("A");
      expect(Math.abs(deltas.length - 2 * perSecond)).toBeLessThanOrEqual(perSecond * 0.01 + 1);
      expect(deltas.every(({ time }, n) => n === 0 || time >= deltas[n - 1]!.time)).toBe(true);
      expect([engine.ticker("A")?.yesBid, engine.ticker("A")?.yesAsk]).toEqual(best);
      const levels = new Map<string, number>(book.yes.map(([price, count]) => [`yes ${price}`, count]));
      for (const [price, count] of book.no) levels.set(`no ${price}`, count);
      for (const { side, price, delta } of deltas) {
        levels.set(`${side} ${price}`, (levels.get(`${side} ${price}`) ?? 0) + delta);
      }
      const now = engine.book("A")!;
      for (const side of ["yes", "no"] as const) {
        for (const [price, count] of now[side]) expect(levels.get(`${side} ${price}`)).toBe(count);
      }
    },
  );

  it("ends with its quote taken back and the maker at work again", () => {
    const { engine, run, of } = flowing();
    const book = engine.book("A");
    engine.requote("A", 50);
    run(1);
    engine.requote("A", 0);
    expect(engine.book("A")).toEqual(book);
    const before = of("A").length;
    run(10);
    expect(of("A").length).toBeGreaterThan(before);
    expect(engine.book("A")).not.toEqual(book);
  });

  it("ends with its market, and is refused where none trades", () => {
    const { engine, run, of } = flowing();
    engine.requote("B", 100);
    run(4);
    const count = of("B").length;
    expect(count).toBeGreaterThan(200);
    run(2);
    expect(of("B")).toHaveLength(count);
    expect(engine.book("B")).toEqual({ yes: [], no: [] });
    expect([engine.requote("B", 1), engine.requote("NOSUCH", 1)]).toEqual([false, false]);
  });
});
