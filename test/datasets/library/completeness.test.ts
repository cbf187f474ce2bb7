import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compactLibrary } from "../../../src/datasets/library/compact.js";
import { closeDays, isLostOn } from "../../../src/datasets/library/completeness.js";
import type { Partition } from "../../../src/datasets/library/partition.js";
import { manifestPathOf, readPartition } from "../../../src/datasets/library/partition-manifest.js";
import { parseTime } from "../../../src/units/time.js";
import { rawTrade } from "../../frames/records.js";
import { SmallLibrary } from "../../support/small-library.js";

let root: string;
let library: SmallLibrary;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "completeness-"));
  library = await SmallLibrary.make(join(root, "datasets"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const candle = (start: string, period: number) => ({
  ticker: "S-1",
  start_period_ts: parseTime(start) / 1_000_000,
  end_period_ts: parseTime(start) / 1_000_000 + period * 60,
  period_interval: period,
  price: {},
  yes_bid: {},
  yes_ask: {},
  volume_fp: "1.00",
  open_interest_fp: "1.00",
});
const candles = (periods: number, starts: readonly string[], through: string) =>
  library.merge(
    "candlesticks",
    "S",
    starts.map((start) => candle(start, periods)),
    through,
    { period: periods },
  );
const told = (partition: Partition) => {
  const { complete, why, through } = readPartition(library.dir, partition)!;
  return { complete, why, through };
};
const trades: Partition = { kind: "trades", series: "S", date: "2026-11-01" };
const day: Partition = { kind: "candlesticks", series: "S", date: "2026-11-01" };
const close = (period: number, through: string) =>
  closeDays(library.dir, { kind: "candlesticks", series: "S", period, from: null }, parseTime(through));

describe("the day that a subject begins in", () => {
  const from = "2026-11-01T12:00:00Z";

  it("is not complete: nothing before was asked", async () => {
    await library.merge(
      "trades",
      "S",
      [rawTrade(1, { created_time: "2026-11-01T13:00:00Z" }), rawTrade(2, { created_time: "2026-11-02T13:00:00Z" })],
      "2026-11-05T00:00:00Z",
      { from },
    );
    expect(told(trades)).toMatchObject({ complete: false, why: `nothing before ${from} was asked` });
    expect(told({ ...trades, date: "2026-11-02" })).toMatchObject({ complete: true, why: null });
  });

  it("is complete when it begins with the day, and from when on an earlier beginning was asked", async () => {
    await library.merge("trades", "S", [rawTrade(1)], "2026-11-05T00:00:00Z", { from: "2026-11-01T00:00:00Z" });
    expect(told(trades).complete).toBe(true);
    // Kept by a version that did not say so.
    const subject = { kind: "trades", series: "S", period: null };
    await closeDays(library.dir, { ...subject, from }, parseTime("2026-11-06T00:00:00Z"));
    expect(told(trades)).toMatchObject({ complete: false, why: `nothing before ${from} was asked` });
    await closeDays(library.dir, { ...subject, from: null }, parseTime("2026-11-06T00:00:00Z"));
    expect(told(trades)).toMatchObject({ complete: true, why: null });
  });
});

describe("a day that the exchange did not answer for", () => {
  const spoil = (partition: Partition, why: string) => {
    const manifest = readPartition(library.dir, partition)!;
    writeFileSync(manifestPathOf(library.dir, partition), JSON.stringify({ ...manifest, complete: false, why }));
  };
  const subject = { kind: "trades", series: "S", period: null, from: null };

  it("is complete once a later sync has had an answer for all of it, though no row of it is new", async () => {
    await library.merge("trades", "S", [rawTrade(1)], "2026-11-05T00:00:00Z");
    spoil(trades, "the exchange did not answer for S-1, S-2");
    await closeDays(library.dir, subject, parseTime("2026-11-06T00:00:00Z"));
    expect(told(trades)).toEqual({ complete: true, why: null, through: "2026-11-06T00:00:00Z" });
  });

  it("still lacks what the exchange has lost", async () => {
    const lost = "the exchange has no trades between 2026-11-01T07:00:00Z and 2026-11-01T09:00:00Z";
    await library.merge("trades", "S", [rawTrade(1)], "2026-11-05T00:00:00Z");
    spoil(trades, `the exchange did not answer for S-1; ${lost}`);
    await closeDays(library.dir, subject, parseTime("2026-11-06T00:00:00Z"));
    expect(told(trades)).toMatchObject({ complete: false, why: lost });
    expect([
      isLostOn("2026-10-31", lost),
      isLostOn("2026-11-01", lost),
      isLostOn("2026-11-02", lost),
      isLostOn(null, lost),
    ]).toEqual([false, true, false, true]);
  });
});

describe("candlesticks of two periods in one day", () => {
  it("are complete when those of both are, whichever is asked first", async () => {
    for (const [first, second] of [[60, 1] as const, [1, 60] as const]) {
      rmSync(library.dir, { recursive: true });
      library = await SmallLibrary.make(library.dir);
      await candles(first, ["2026-11-01T08:00:00Z"], "2026-11-01T10:00:00Z");
      await candles(second, ["2026-11-01T08:00:00Z"], "2026-11-03T00:00:00Z");
      const open = "the day was not over when it was asked, 2026-11-01T10:00:00Z";
      expect(told(day)).toEqual({
        complete: false,
        why: `of ${first} minutes: ${open}`,
        through: "2026-11-01T10:00:00Z",
      });
      await close(second, "2026-11-04T00:00:00Z");
      expect(told(day).complete).toBe(false);
      await compactLibrary({ library: library.dir });
      expect(told(day).complete).toBe(false);
      await close(first, "2026-11-04T00:00:00Z");
      expect(told(day)).toMatchObject({ complete: true, why: null });
    }
  });

  it("go by what an earlier version said of the one there was", async () => {
    await candles(60, ["2026-11-01T08:00:00Z"], "2026-11-01T10:00:00Z");
    const { periods, ...old } = readPartition(library.dir, day)!;
    expect(Object.keys(periods!)).toEqual(["60"]);
    writeFileSync(manifestPathOf(library.dir, day), JSON.stringify(old));
    await candles(1, ["2026-11-01T08:00:00Z"], "2026-11-03T00:00:00Z");
    expect(told(day)).toMatchObject({ complete: false, why: expect.stringMatching(/^of 60 minutes/) as string });
  });
});

describe("a candle that the exchange does not tell any more", () => {
  it("is named when it was over, of its own period alone", async () => {
    // Those that had ended by 2026-11-10 were final.
    await candles(60, ["2026-11-01T08:00:00Z", "2026-11-12T08:00:00Z"], "2026-11-12T08:30:00Z");
    await candles(1, ["2026-11-01T08:00:00Z"], "2026-11-12T08:30:00Z");
    const reread = { from: parseTime("2026-10-01T00:00:00Z"), tickers: null, period: 60 };
    const again = [candle("2026-11-01T09:00:00Z", 60)];
    const { vanished } = await library.merge(
      "candlesticks",
      "S",
      again,
      "2026-11-13T00:00:00Z",
      { period: 60 },
      reread,
    );
    expect(vanished.named.map(({ ticker, time }) => [ticker, time])).toEqual([["S-1", "2026-11-01T08:00:00Z"]]);
  });
});

describe("a candle of a day", () => {
  it("that ends after its day of UTC leaves the day open until it has ended", async () => {
    await candles(1440, ["2026-11-01T05:00:00Z"], "2026-11-02T00:00:00Z");
    expect(told(day)).toMatchObject({ complete: false, why: expect.stringMatching(/was not over/) as string });
    await close(1440, "2026-11-02T04:59:00Z");
    expect(told(day).complete).toBe(false);
    await close(1440, "2026-11-03T00:00:00Z");
    expect(told(day)).toMatchObject({ complete: true, why: null });
  });
});
