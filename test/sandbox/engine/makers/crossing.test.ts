import { expect, it } from "vitest";
import { startSandbox } from "../../../../src/sandbox/sandbox.js";
import type { EngineEvent } from "../../../../src/sandbox/types.js";
import { complement } from "../../../../src/units/price.js";
import { MILLISECOND, SECOND } from "../../../../src/units/time.js";

type Delta = Extract<EngineEvent, { type: "delta" }>;

/** A market's levels by side and price, from its deltas alone. */
class Levels {
  readonly #sides = { yes: new Map<number, number>(), no: new Map<number, number>() };

  constructor({
    yes,
    no,
  }: { readonly yes: Iterable<readonly [number, number]>; readonly no: Iterable<readonly [number, number]> }) {
    for (const [price, count] of yes) this.#sides.yes.set(price, count);
    for (const [price, count] of no) this.#sides.no.set(price, count);
  }

  apply({ side, price, delta }: Delta): void {
    const count = (this.#sides[side].get(price) ?? 0) + delta;
    expect(count).toBeGreaterThanOrEqual(0);
    if (count === 0) this.#sides[side].delete(price);
    else this.#sides[side].set(price, count);
  }

  /** No bid that an ask would meet. */
  get isSound(): boolean {
    const { yes, no } = this.#sides;
    if (yes.size === 0 || no.size === 0) return true;
    return Math.max(...yes.keys()) < complement(Math.max(...no.keys()));
  }
}

it("deltas lock or cross a book now and then, within a millisecond, and leave it sound", async () => {
  const sandbox = await startSandbox({ seed: "crossing", speed: 0 });
  try {
    const books = new Map<string, Levels>();
    const unsound = new Map<string, number>();
    let [deltas, episodes] = [0, 0];
    sandbox.engine.on((event) => {
      if (event.type === "wiped") books.set(event.ticker, new Levels({ yes: [], no: [] }));
      if (event.type !== "delta") return;
      const { ticker, time } = event;
      const book = books.get(ticker);
      if (book === undefined) return;
      deltas += 1;
      book.apply(event);
      const since = unsound.get(ticker);
      if (book.isSound) unsound.delete(ticker);
      else if (since === undefined) {
        episodes += 1;
        unsound.set(ticker, time);
      } else expect(time - since).toBeLessThan(MILLISECOND);
    });
    for (const ticker of sandbox.world.markets.keys()) {
      const book = sandbox.engine.book(ticker);
      if (book !== null) books.set(ticker, new Levels(book));
    }
    for (let n = 0; n < 8; n += 1) {
      sandbox.time.moveBy(30 * SECOND);
      expect([...unsound.keys()]).toEqual([]);
    }
    expect(deltas).toBeGreaterThan(10_000);
    // 246 episodes in 1.2 million deltas of the exchange's.
    expect(episodes).toBeGreaterThan(0);
    expect(deltas / episodes).toBeGreaterThan(1_000);
  } finally {
    await sandbox.close();
  }
});
