import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../../../../src/sandbox/types.js";
import { DOLLAR, parsePrice } from "../../../../src/units/price.js";
import { HOUR, MILLISECOND, MINUTE, SECOND } from "../../../../src/units/time.js";
import { START, type TinyMarket, tinyEngine, tinyMarket, tinyWorld } from "../../../support/tiny-world.js";

type Delta = Extract<EngineEvent, { type: "delta" }>;

/** Runs one market for some minutes and keeps its deltas after the first second, with the spreads and depths on the way. */
function run(minutes: number, market: Partial<TinyMarket> = {}, seed = "1") {
  const tiny = tinyWorld([tinyMarket({ ticker: "A", ...market })]);
  const engine = tinyEngine(tiny, seed);
  const deltas: Delta[] = [];
  engine.on((event) => {
    if (event.type === "delta" && event.time > START + SECOND) deltas.push(event);
  });
  const spreads: number[] = [];
  const depths: number[] = [];
  for (let at = 0; at < minutes * MINUTE; at += 50 * MILLISECOND) {
    engine.step(tiny.clock.advance(50 * MILLISECOND));
    const book = engine.book("A")!;
    const [bid, no] = [book.yes.at(-1)?.[0], book.no.at(-1)?.[0]];
    if (bid !== undefined && no !== undefined) spreads.push(DOLLAR - no - bid);
    depths.push(book.yes.length, book.no.length);
  }
  return { deltas, spreads, depths, engine };
}

function share<T>(list: readonly T[], fits: (item: T, index: number) => boolean): number {
  return list.filter(fits).length / list.length;
}

function percentile(numbers: readonly number[], part: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(part * numbers.length)]!;
}

describe("makers", () => {
  const { deltas, spreads, depths } = run(5);

  it("send five to thirty deltas a second in a busy market, and few in a calm one", () => {
    const rate = deltas.length / (5 * 60);
    expect(rate).toBeGreaterThan(5);
    expect(rate).toBeLessThan(30);
    expect(run(5, { seriesTicker: "CALM" }).deltas.length / (5 * 60)).toBeLessThan(2);
  });

  it("come in bursts: many in one millisecond, then nothing for a tenth of a second and more", () => {
    const gaps = deltas.slice(1).map((delta, at) => Math.floor((delta.time - deltas[at]!.time) / MILLISECOND));
    expect(share(gaps, (gap) => gap <= 1)).toBeGreaterThan(0.4);
    expect(share(gaps, (gap) => gap > 100)).toBeGreaterThan(0.05);
  });

  it("quote sizes that are skewed and now and then fractional, and take away as often as they add", () => {
    const sizes = deltas.map((delta) => Math.abs(delta.delta) / 100);
    expect(percentile(sizes, 0.5)).toBeLessThan(200);
    expect(percentile(sizes, 0.99)).toBeGreaterThan(2_000);
    const fractional = share(deltas, (delta) => delta.delta % 100 !== 0);
    expect(fractional).toBeGreaterThan(0.08);
    expect(fractional).toBeLessThan(0.25);
    const removals = share(deltas, (delta) => delta.delta < 0);
    expect(removals).toBeGreaterThan(0.4);
    expect(removals).toBeLessThan(0.6);
  });

  it("requote: the same size leaves one price and comes to another of its side at once", () => {
    const moved = share(deltas, (delta, at) => {
      const before = deltas[at - 1];
      return before !== undefined && before.delta === -delta.delta && before.side === delta.side;
    });
    expect(moved).toBeGreaterThan(0.08);
  });

  it("keep the spread at a tick or two most of the time, and several levels on each side", () => {
    expect(share(spreads, (spread) => spread <= 20_000)).toBeGreaterThan(0.7);
    expect(Math.min(...spreads)).toBeGreaterThanOrEqual(10_000);
    expect(percentile(depths, 0.25)).toBeGreaterThan(8);
    expect(Math.max(...depths)).toBeLessThanOrEqual(99);
  });

  it("quote below the cent where the grid allows it, and leave a side empty where nothing is left to bid", () => {
    const sure = {
      open: START,
      close: START + 60 * SECOND,
      outcome: { result: "no" as const, value: 0, observed: "" },
    };
    const fine = run(1, { ...sure, grid: "tapered_deci_cent", lastPrice: parsePrice("0.02") });
    expect(fine.deltas.some((delta) => delta.side === "yes" && delta.price % 10_000 !== 0)).toBe(true);
    const coarse = run(1, { ...sure, lastPrice: parsePrice("0.02") });
    expect(coarse.deltas.at(-1)!.side).toBe("no");
  });

  it("stay near where the market stood when the sandbox began", () => {
    const { engine } = run(2, { lastPrice: parsePrice("0.30"), open: START - HOUR });
    expect(engine.ticker("A")!.lastPrice).toBeGreaterThan(150_000);
    expect(engine.ticker("A")!.lastPrice).toBeLessThan(500_000);
  });
});
