import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecording } from "../../src/lab/recording.js";
import { LatencyCounts } from "../../src/recorder/latency.js";
import type { Mark } from "../../src/recorder/marks.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";
import { type Written, writeRecording } from "../support/write-recording.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quality-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const minute = 60_000;
const connect: Mark = {
  mark: "connect",
  id: "c",
  use_yes_price: false,
  tickers: ["A", "B"],
  channels: ["orderbook_delta"],
};

const write = (...entries: readonly Written[]): Promise<void> => writeRecording(dir, entries);

/** A delta of A's best bid that was received so many milliseconds after its time. */
const change = (seq: number, ms: number, late: number, amount = "1.00") =>
  [ms + late, delta({ sid: 1, seq }, "A", "yes", "0.4000", amount, ms)] as const;

describe("quality by market and hour", () => {
  it("divides what is known, unknown and crossed at the full hour of the exchange's clock", async () => {
    await write(
      [50 * minute, connect],
      [50 * minute, subscribed(1)],
      [50 * minute, snapshot({ sid: 1, seq: 1 }, "A", [["0.3000", "1.00"]], [])],
      change(2, 50 * minute, 0),
      // Crossed over the hour, then messages are missing until 1:30, then all is known to the end.
      [55 * minute, delta({ sid: 1, seq: 3 }, "A", "no", "0.7000", "1.00", 55 * minute)],
      change(6, 70 * minute, 0),
      [90 * minute, snapshot({ sid: 1, seq: 7 }, "A", [], [])],
      change(8, 130 * minute, 0),
    );
    const { hours, markets } = await (await openRecording(dir)).quality();
    const shown = hours.map(({ hour, covered_seconds, unknown_seconds, crossed_seconds, gaps, deltas, snapshots }) => [
      hour.slice(11, 16),
      ...[covered_seconds / 60, unknown_seconds / 60, crossed_seconds / 60, gaps, deltas, snapshots],
    ]);
    expect(shown).toEqual([
      // The last message before the hole was at 0:55.
      ["00:00", 5, 5, 0, 1, 2, 1],
      ["01:00", 30, 30, 0, 0, 1, 1],
      ["02:00", 10, 0, 0, 0, 1, 0],
    ]);
    const [market] = markets;
    expect([market!.covered_seconds, market!.unknown_seconds]).toEqual([45 * 60, 35 * 60]);
  });

  it("tells how late messages came, also where the local clock is behind", async () => {
    await write(
      [0, connect],
      [0, subscribed(1)],
      [0, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
      ...Array.from({ length: 100 }, (_, at) => change(at + 2, 1_000 * (at + 1), at === 99 ? 500 : -(at % 10) * 10)),
      change(102, 61 * minute, 25),
    );
    const { hours } = await (await openRecording(dir)).quality();
    expect(hours.map(({ latency_ms }) => latency_ms)).toEqual([
      { min: -90, median: expect.closeTo(-40, 0), p99: expect.closeTo(0, 0), max: 500 },
      { min: 25, median: 25, p99: 25, max: 25 },
    ]);
  });

  it("gives a median and a p99 within a hundredth of the exact ones, and exact ends", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5_000_000, max: 50_000_000 }), { minLength: 1, maxLength: 300 }),
        (all) => {
          const counts = new LatencyCounts();
          for (const one of all) counts.add(one);
          const sorted = [...all].sort((a, b) => a - b);
          const exact = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]!;
          const found = counts.read()!;
          expect([found.min, found.max]).toEqual([sorted[0]! / 1_000, sorted.at(-1)! / 1_000]);
          for (const [value, share] of [
            [found.median, 0.5],
            [found.p99, 0.99],
          ] as const) {
            const right = exact(share) / 1_000;
            expect(Math.abs(value - right)).toBeLessThanOrEqual(Math.abs(right) / 100 + 0.001);
          }
        },
      ),
    );
  });

  it("no longer counts a market from the answer on that it was unsubscribed", async () => {
    await write(
      [0, connect],
      [0, subscribed(1)],
      [0, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
      [0, snapshot({ sid: 1, seq: 2 }, "B", [], [])],
      change(3, 10_000, 0),
      [20_000, frame("ok", { id: 5, sid: 1, seq: 4 }, { market_tickers: ["B"] })],
      [60_000, delta({ sid: 1, seq: 5 }, "B", "yes", "0.1000", "1.00", 60_000)],
    );
    const { markets } = await (await openRecording(dir)).quality();
    expect(
      markets.map(({ ticker, covered_seconds, unknown_seconds }) => [ticker, covered_seconds, unknown_seconds]),
    ).toEqual([
      ["A", 20, 0],
      ["B", 60, 0],
    ]);
  });

  it("counts comparisons with REST, and lists what differed; all of it stands in the table too", async () => {
    await write(
      [0, connect],
      [0, subscribed(1)],
      [0, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [])],
      change(2, 1_000, 0),
      [2_000, { mark: "rest_check", asked: 2_000_000, answered: 2_100_000, tickers: ["A"], skipped: ["B"] }],
      [
        2_000,
        {
          mark: "rest_difference",
          ticker: "A",
          from: 1_900_000,
          to: 2_100_000,
          asked: 2_000_000,
          answered: 2_100_000,
          levels: [{ side: "no", price: 123_456, ours: 150, rest: 0 }],
        },
      ],
      change(3, 3_000, 4),
    );
    const recording = await openRecording(dir);
    const { hours, rest_differences } = await recording.quality();
    expect(hours).toEqual([expect.objectContaining({ ticker: "A", rest_checks: 1, rest_differences: 1 })]);
    expect(rest_differences).toEqual([
      {
        ticker: "A",
        from: "1970-01-01T00:00:01.900000Z",
        to: "1970-01-01T00:00:02.100000Z",
        levels: [{ side: "no", price: "0.123456", ours: "1.50", rest: "0.00" }],
      },
    ]);
    const [row] = (await recording.qualityTable()).objects();
    expect(row).toMatchObject({ start_time: 0, ticker: "A", deltas: 2, rest_differences: 1, latency_max: 4 });
  });

  it("counts a time in which nothing came though the connection stood", async () => {
    await write(
      [0, connect],
      [0, subscribed(1)],
      [0, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [])],
      change(2, 1_000, 0),
      change(3, 181_000, 0),
      change(4, 182_000, 0),
    );
    const { hours } = await (await openRecording(dir)).quality();
    expect(hours).toEqual([expect.objectContaining({ stalls: 1, stalled_seconds: 180, unknown_seconds: 0 })]);
  });
});
