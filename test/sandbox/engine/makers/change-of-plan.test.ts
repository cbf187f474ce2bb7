import { describe, expect, it } from "vitest";
import type { MarketRecord } from "../../../../src/sandbox/types.js";
import { DOLLAR } from "../../../../src/units/price.js";
import { DAY, HOUR, MINUTE, SECOND } from "../../../../src/units/time.js";
import { liveWorld } from "../../../support/live-run.js";
import { START, tinyEngine, tinyMarket } from "../../../support/tiny-world.js";

const YES = { result: "yes" as const, value: DOLLAR, observed: "" };
const NO = { result: "no" as const, value: 0, observed: "" };

/** Markets that live for a day and half a minute by now. */
function running(markets: readonly MarketRecord[], exclusive: boolean) {
  const tiny = liveWorld(markets, { exclusive });
  const engine = tinyEngine(tiny);
  const run = (span: number) => {
    for (let at = 0; at < span; at += SECOND) engine.step(tiny.clock.advance(SECOND));
  };
  run(30 * SECOND);
  const middle = (ticker: string) => {
    const view = engine.ticker(ticker);
    return ((view?.yesBid ?? 0) + (view?.yesAsk ?? DOLLAR)) / 2 / DOLLAR;
  };
  return { engine, run, middle };
}

describe("makers", () => {
  it.each([
    ["yes", YES],
    ["no", NO],
  ])("are as good as sure of the result %s before a close that was moved nearer, and not before", (_, outcome) => {
    const { engine, run, middle } = running([tinyMarket({ ticker: "T", outcome, close: START + DAY })], false);
    engine.moveClose("T", START + 5 * MINUTE);
    run(30 * SECOND);
    expect(Math.abs(middle("T") - 0.5)).toBeLessThan(0.35);
    run(3.9 * MINUTE);
    expect(Math.abs(middle("T") - outcome.value / DOLLAR)).toBeLessThan(0.05);
  });

  it("take a market for less sure again when its close is moved away", () => {
    const { engine, run, middle } = running([tinyMarket({ ticker: "T", close: START + 3 * MINUTE })], false);
    engine.moveClose("T", START + DAY);
    const before = middle("T");
    run(4 * MINUTE);
    expect(Math.abs(middle("T") - before)).toBeLessThan(0.3);
    expect(middle("T")).toBeLessThan(0.9);
  });

  it("learn that another market of an event has won it, where one can win", () => {
    const one = { eventTicker: "E", close: START + HOUR };
    const markets = [
      tinyMarket({ ...one, ticker: "A", outcome: NO }),
      tinyMarket({ ...one, ticker: "B", outcome: YES }),
    ];
    const { engine, run, middle } = running(markets, true);
    engine.closeEarly("A");
    engine.determine("A", YES);
    engine.moveClose("B", START + 5 * MINUTE);
    run(4.4 * MINUTE);
    expect(middle("B")).toBeLessThan(0.05);
  });
});
