import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Meter } from "../../src/recorder/meter.js";

const SECOND = 1_000_000;
const START = 1_795_329_000 * SECOND;

describe("the meter of a recorder", () => {
  it("tells frames and bytes per second of the ten seconds past, whatever was before", () => {
    const meter = new Meter(START);
    for (let second = 0; second < 60; second += 1) {
      const count = second < 50 ? 1_000 : second - 50;
      for (let n = 0; n < count; n += 1) meter.frame(200, START + second * SECOND + n);
    }
    // Seconds 50 to 59 had 0 to 9 frames.
    expect(meter.rates(START + 60 * SECOND)).toEqual({ messagesPerSecond: 4.5, bytesPerSecond: 900 });
    expect(meter.rates(START + 65 * SECOND).messagesPerSecond).toBe((5 + 6 + 7 + 8 + 9) / 10);
    expect(meter.rates(START + 200 * SECOND).messagesPerSecond).toBe(0);
  });

  it("does not spread what came since a start over seconds before it", () => {
    const meter = new Meter(START);
    for (let n = 0; n < 300; n += 1) meter.frame(10, START + n * 10_000);
    expect(meter.rates(START + 500_000)).toEqual({ messagesPerSecond: 0, bytesPerSecond: 0 });
    expect(meter.rates(START + 3 * SECOND)).toEqual({ messagesPerSecond: 100, bytesPerSecond: 1_000 });
  });

  it("counts every frame of the seconds it tells of, as one who keeps them all would", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 * SECOND }), { maxLength: 200 }),
        fc.integer({ min: 0, max: 5 * SECOND }),
        (offsets, after) => {
          const meter = new Meter(START);
          const times = offsets.sort((a, b) => a - b).map((offset) => START + offset);
          for (const time of times) meter.frame(7, time);
          const now = (times.at(-1) ?? START) + after;
          const second = Math.floor(now / SECOND);
          const first = Math.max(second - 10, START / SECOND);
          const kept = times.filter((time) => time >= first * SECOND && time < second * SECOND).length;
          const each = (sum: number) => (second === first ? 0 : sum / (second - first));
          expect(meter.rates(now)).toEqual({ messagesPerSecond: each(kept), bytesPerSecond: each(kept * 7) });
        },
      ),
    );
  });

  it("tells the lag of ten seconds in milliseconds, below zero where the local clock is behind, and none without times", () => {
    const meter = new Meter(START);
    expect(meter.lags(START)).toBeNull();
    for (const lag of [-2_000, 5_000, 1_500]) meter.lag(START, START - lag);
    expect(meter.lags(START + SECOND)).toEqual({ lowest: -2, median: 1.5, highest: 5 });
    meter.lag(START + 9 * SECOND, START + 9 * SECOND - 7_000);
    expect(meter.lags(START + 11 * SECOND)).toEqual({ lowest: 7, median: 7, highest: 7 });
    expect(meter.lags(START + 30 * SECOND)).toBeNull();
  });

  it("tells the lag of the last messages where more came than it holds", () => {
    const meter = new Meter(START);
    for (let n = 0; n < 10_000; n += 1) meter.lag(START + n, START + n - n * 1_000);
    const lag = meter.lags(START + SECOND)!;
    expect(lag.highest).toBe(9_999);
    expect(lag.lowest).toBe(9_999 - 4_095);
  });
});
