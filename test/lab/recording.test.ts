import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bestAsk, bestBid } from "../../src/book/best.js";
import { readTable } from "../../src/datasets/read.js";
import type { Quote } from "../../src/flow/top-of-book.js";
import { rawOf } from "../../src/frames/exact.js";
import { provenance, type UnknownSpan } from "../../src/frames/provenance.js";
import { openRecording, type Recording } from "../../src/lab/recording.js";
import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { parseTime } from "../../src/units/time.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";
import { wildSteps, wildTickers, writeWild } from "../support/wild-recording.js";
import { type Written, writeRecording } from "../support/write-recording.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "recording-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const connect = (id: string, channels = ["orderbook_delta", "trade"]): Mark => ({
  mark: "connect",
  id,
  use_yes_price: false,
  tickers: ["A", "B"],
  channels,
});

const write = (...entries: readonly Written[]): Promise<void> => writeRecording(dir, entries);

const trade = (seq: number, ticker: string, ms: number, id: number) =>
  frame(
    "trade",
    { sid: 2, seq },
    {
      market_ticker: ticker,
      trade_id: `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
      yes_price_dollars: "0.4150",
      count_fp: "2.50",
      taker_side: "yes",
      ts: Math.floor(ms / 1000),
      ts_ms: ms,
    },
  );

/** A hole in the count between the third and the sixth second, and then a lost connection. */
async function writeHoled(): Promise<void> {
  await write(
    [1_000, connect("a")],
    [1_000, subscribed(1)],
    [1_000, subscribed(2, "trade", 2)],
    [1_001, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [["0.5000", "2.00"]])],
    [1_002, snapshot({ sid: 1, seq: 2 }, "B", [], [])],
    [2_000, delta({ sid: 1, seq: 3 }, "A", "yes", "0.4100", "1.50", 2_000)],
    [2_500, trade(1, "A", 2_500, 1)],
    [3_000, delta({ sid: 1, seq: 4 }, "B", "yes", "0.1000", "3.00", 3_000)],
    [5_000, delta({ sid: 1, seq: 7 }, "A", "yes", "0.4200", "1.00", 5_000)],
    [6_000, snapshot({ sid: 1, seq: 8, id: 3 }, "A", [["0.4300", "1.00"]], [["0.5000", "2.00"]])],
    [6_000, snapshot({ sid: 1, seq: 9, id: 3 }, "B", [["0.1000", "3.00"]], [])],
    [7_000, delta({ sid: 1, seq: 10 }, "A", "yes", "0.4300", "1.00", 7_000)],
    [8_000, { mark: "disconnect", id: "a", reason: "cut", code: 1006, last_heard: 7_900_000 }],
    [9_000, connect("b")],
    [9_000, subscribed(1)],
    [9_100, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [])],
    [9_100, snapshot({ sid: 1, seq: 2 }, "B", [], [])],
    [9_500, delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "1.00", 9_500)],
    [9_600, trade(1, "A", 9_600, 2)],
    [9_900, delta({ sid: 1, seq: 4 }, "B", "no", "0.2000", "1.00", 9_900)],
  );
}

const shown = ({ time, ticker, yes_bid, yes_ask, trust }: Quote) =>
  `${time / 1_000} ${ticker} ${yes_bid ?? "-"} ${yes_ask ?? "-"} ${trust}`;

async function quoteLines(recording: Recording, ask?: Parameters<Recording["quotes"]>[0]): Promise<string[]> {
  const lines: string[] = [];
  for await (const quote of recording.quotes(ask).rows()) lines.push(shown(quote));
  return lines;
}

describe("recording.quotes", () => {
  it("has a row of nulls, its trust unknown, where messages are missing, and the table says from when to when", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    expect(await quoteLines(recording, { ticker: "A" })).toEqual([
      "1001 A 400000 500000 ok",
      "2000 A 410000 500000 ok",
      "3000 A - - unknown",
      "6000 A 430000 500000 ok",
      "7000 A 430000 500000 ok",
      "7000 A - - unknown",
      "9100 A 400000 - ok",
      "9500 A 400000 - ok",
    ]);
    const table = await recording.quotes();
    expect(provenance(table)).toMatchObject({
      noun: "top of book",
      complete: false,
      why: expect.stringMatching(
        /^2 intervals are unknown, the first from 1970-01-01T00:00:03Z to 1970-01-01T00:00:06Z/,
      ),
      sources: [{ tier: "recording", endpoint: dir }],
      unknown: [
        { tickers: ["A", "B"], from: "1970-01-01T00:00:03Z", to: "1970-01-01T00:00:06Z", reason: "sequence" },
        { tickers: ["A", "B"], from: "1970-01-01T00:00:07Z", to: "1970-01-01T00:00:09.1Z", reason: "disconnect" },
      ],
    });
  });

  it("trusts no book for longer where a lost connection had told no time but when its books were sent, by a clock far from ours", async () => {
    const ahead = 600_000;
    const sent = (ms: number, text: string) => text.replace('{"type"', `{"sending_ts_ms":${ms},"type"`);
    await write(
      [ahead + 1_000, connect("a")],
      [ahead + 1_000, subscribed(1)],
      [ahead + 1_001, sent(1_000, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []))],
      [ahead + 1_500, { mark: "disconnect", id: "a", reason: "cut", code: 1006, last_heard: (ahead + 1_400) * 1_000 }],
      [ahead + 900_000, connect("b")],
      [ahead + 900_000, subscribed(1)],
      [ahead + 900_001, sent(900_000, snapshot({ sid: 1, seq: 1 }, "A", [["0.5000", "1.00"]], []))],
    );
    const recording = await openRecording(dir);
    for (const ms of [1_500, 60_000, 601_000, 800_000]) {
      const { trust, reason } = await recording.bookAt("A", ms * 1_000);
      expect({ ms, trust, reason }).toEqual({ ms, trust: "unknown", reason: "disconnect" });
    }
    const { unknown } = provenance(await recording.quotes({ ticker: "A" }))!;
    expect(unknown).toHaveLength(1);
    expect(parseTime(unknown![0]!.from!)).toBeLessThanOrEqual(1_500_000);
    expect(parseTime(unknown![0]!.to!)).toBe(900_000_000);
  });

  it("says the same as bookAt of every moment that it does not call unknown, of whatever part is asked, on wild recordings", async () => {
    await fc.assert(
      fc.asyncProperty(
        wildSteps,
        fc.integer({ min: 300, max: 6_000 }),
        fc.option(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))),
        fc.option(fc.constantFrom(...wildTickers)),
        async (steps, bytes, part, ticker) => {
          const folder = mkdtempSync(join(dir, "wild-"));
          // When a book without a time was so can only be estimated, and not by both alike.
          const timed = steps.map((step) => (step.op === "snapshot" ? { ...step, isSent: true } : step));
          const [first, last] = await writeWild(folder, timed, bytes);
          const recording = await openRecording(folder);
          const at = (share: number) => Math.round(first + (last - first) * share) * 1_000;
          const [from, to] =
            part === null ? [undefined, undefined] : [at(Math.min(...part)), at(Math.max(...part)) + 1_000];
          const table = await recording.quotes({ ticker: ticker ?? undefined, from, to });
          const columns = ["time", "yes_bid", "yes_ask"].map((name) => rawOf(table, name));
          const rows = columns[0]!.map((time, row) => ({
            time: time!,
            ticker: String(table.get("ticker", row)),
            text: table.get("trust", row) === "ok" ? `${columns[1]![row]} ${columns[2]![row]}` : "unknown",
          }));
          const { unknown = [], complete } = provenance(table)!;
          expect(complete).toBe(unknown.length === 0);
          const moments = [
            first,
            last,
            ...Array.from({ length: 9 }, (_, nth) => Math.round(first + ((last - first) * nth) / 8)),
          ]
            .map((ms) => ms * 1_000)
            .filter((time) => time >= (from ?? 0) && time < (to ?? Number.POSITIVE_INFINITY));
          for (const one of ticker === null ? wildTickers : [ticker]) {
            for (const time of moments) {
              const row = rows.findLast((candidate) => candidate.ticker === one && candidate.time <= time);
              if (row === undefined || row.text === "unknown" || isUnknown(unknown, one, time)) continue;
              const found = await recording.bookAt(one, time);
              // Behind the last message nothing says that the recording went on; while crossed, a book is no quote.
              if (found.reason === "end_of_recording" || found.book === null) continue;
              // A level below zero: it distrusts what was before as well.
              if (found.from !== null && found.from > time) continue;
              const [bid, ask] = [bestBid(found.book), bestAsk(found.book)];
              if (bid !== null && ask !== null && bid >= ask) continue;
              expect({ time, one, text: row.text, trust: "ok" }).toEqual({
                time,
                one,
                text: `${bid} ${ask}`,
                trust:
                  found.trust === "ok"
                    ? "ok"
                    : JSON.stringify([
                        found.reason,
                        found.from! - time,
                        found.to! - time,
                        (from ?? 0) - time,
                        (to ?? 0) - time,
                        row.time - time,
                        ticker,
                        unknown.filter((u) => u.tickers.includes(one)),
                      ]),
              });
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  }, 150_000);
});

/** Frames of a market whose messages are whole: changes with their exchange times in milliseconds. */
const changes = fc.array(
  fc.record({
    side: fc.constantFrom("yes" as const, "no" as const),
    price: fc.constantFrom("0.0100", "0.3150", "0.4000", "0.5000", "0.123456"),
    amount: fc.constantFrom(100, 537, -37, -100, 1),
    ms: fc.constantFrom(0, 0, 1, 3),
  }),
  { minLength: 1, maxLength: 80 },
);

describe("the tables of a recording", () => {
  it("have the quotes of a plain model of the same frames, millisecond by millisecond", async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const folder = mkdtempSync(join(dir, "plain-"));
        const writer = await SegmentWriter.open({ dir: folder });
        writer.append(entryKind.mark, 0, 0, writeMark(connect("a")));
        writer.append(
          entryKind.text,
          0,
          0,
          Buffer.from(snapshot({ sid: 1, seq: 1 }, "A", [], []).replace("{", '{"sending_ts_ms":1000,')),
        );
        const sides = { yes: new Map<string, number>(), no: new Map<string, number>() };
        const expected: string[] = [];
        let [ms, seq] = [1_000, 1];
        for (const { side, price, amount, ms: later } of list) {
          if (later > 0) tell(expected, plainQuote(sides));
          ms += later;
          const before = sides[side].get(price) ?? 0;
          const after = Math.max(0, before + amount);
          sides[side].set(price, after);
          if (after === before) continue;
          seq += 1;
          const text = delta({ sid: 1, seq }, "A", side, price, ((after - before) / 100).toFixed(2), ms);
          writer.append(entryKind.text, ms * 1_000 + 5_000, 0, Buffer.from(text));
        }
        tell(expected, plainQuote(sides));
        // The last millisecond is over too.
        const later = frame("ticker", { sid: 3 }, { market_ticker: "B", ts_ms: ms + 1_000 });
        writer.append(entryKind.text, (ms + 1_000) * 1_000, 0, Buffer.from(later));
        writer.close();
        const found: string[] = [];
        for await (const quote of (await openRecording(folder)).quotes().rows()) {
          const { yes_bid, yes_bid_size, yes_ask, yes_ask_size, trust } = quote;
          found.push(trust === "ok" ? `${yes_bid} ${yes_bid_size} ${yes_ask} ${yes_ask_size}` : trust);
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it("know of a hole that was noticed only behind their end, and of nothing behind it", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    // The hole from second 3 on shows in second 5.
    const table = await recording.quotes({ ticker: "A", from: 2_500_000, to: 4_000_000 });
    expect(table.array("trust")).toEqual(["ok", "unknown"]);
    expect(rawOf(table, "time")).toEqual([2_500_000, 3_000_000]);
    expect(provenance(table)!.unknown).toEqual([
      { tickers: ["A"], from: "1970-01-01T00:00:03Z", to: "1970-01-01T00:00:04Z", reason: "sequence" },
    ]);
    const whole = await recording.quotes({ from: 6_500_000, to: 7_000_000 });
    expect(provenance(whole)).toMatchObject({ complete: true, why: null, unknown: [] });
    expect(rawOf(whole, "time")).toEqual([6_500_000, 6_500_000]);
  });

  it("call unknown what was asked for by name and is not there: a market, or a time behind the recording's end", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    const behind = await recording.quotes({ ticker: "A", from: 9_200_000, to: 20_000_000 });
    expect(provenance(behind)!.unknown).toEqual([
      { tickers: ["A"], from: "1970-01-01T00:00:09.9Z", to: "1970-01-01T00:00:20Z", reason: "end_of_recording" },
    ]);
    const none = await recording.quotes({ ticker: "C" });
    expect(none.numRows()).toBe(0);
    expect(provenance(none)).toMatchObject({
      complete: false,
      unknown: [{ tickers: ["C"], from: null, to: null, reason: "no_snapshot" }],
    });
  });

  it("have trades in the columns of downloaded ones, and say what of the channel is missing", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    const table = await recording.trades();
    expect(table.objects()).toMatchObject([
      { created_time: 2_500, ticker: "A", yes_price: 0.415, no_price: 0.585, count: 2.5, taker_outcome_side: "yes" },
      { created_time: 9_600, ticker: "A" },
    ]);
    // A hole in the count of books is none in that of trades; a lost connection is.
    expect(provenance(table)!.unknown).toMatchObject([{ reason: "disconnect" }]);
    rmSync(dir, { recursive: true });
    await write([1_000, connect("a", ["orderbook_delta"])], [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])]);
    const without = await (await openRecording(dir)).trades();
    expect(provenance(without)).toMatchObject({ complete: false, why: "the recording has no channel `trade`" });
  });

  it("have levels near the best, contracts near the best, whole books at moments, and bars", async () => {
    await write(
      [1_000, connect("a")],
      [
        1_001,
        snapshot(
          { sid: 1, seq: 1 },
          "A",
          [
            ["0.2000", "9.00"],
            ["0.3000", "2.00"],
            ["0.4000", "1.00"],
          ],
          [["0.5000", "2.00"]],
        ),
      ],
      [2_000, delta({ sid: 1, seq: 2 }, "A", "yes", "0.2000", "1.00", 2_000)],
      [2_500, trade(1, "A", 2_500, 1)],
      [3_500, delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "-1.00", 3_500)],
      [5_000, delta({ sid: 1, seq: 4 }, "A", "no", "0.5000", "-2.00", 5_000)],
      [6_500, delta({ sid: 1, seq: 5 }, "A", "no", "0.5000", "1.00", 6_500)],
    );
    const recording = await openRecording(dir);
    const levels = async (query: PromiseLike<Awaited<ReturnType<typeof recording.depth>>>) =>
      (await query).objects().map((row) => {
        const { time, side, yes_price, count } = row as Record<string, unknown>;
        return `${String(time)} ${String(side ?? "-")} ${String(yes_price ?? "-")} ${String(count ?? "-")}`;
      });
    expect(await levels(recording.depth({ levels: 2, to: 4_000_000 }))).toEqual([
      ...["1001 no 0.5 2", "1001 yes 0.3 2", "1001 yes 0.4 1"],
      ...["3500 no 0.5 2", "3500 yes 0.2 10", "3500 yes 0.3 2"],
    ]);
    expect((await recording.depth({ within: 0.1 })).objects()).toMatchObject([
      { time: 1_001, bid_depth: 3, ask_depth: 2 },
      { time: 3_500, bid_depth: 12, ask_depth: 2 },
      { time: 5_000, bid_depth: 12, ask_depth: 0 },
      { time: 6_500, bid_depth: 12, ask_depth: 1 },
    ]);
    expect(await levels(recording.bookSnapshots({ every: "2s", levels: 1 }))).toEqual([
      ...["2000 no 0.5 2", "2000 yes 0.4 1", "4000 no 0.5 2", "4000 yes 0.3 2", "6000 yes 0.3 2"],
    ]);
    expect((await recording.bars({ every: "1s", to: 4_000_000 })).objects()).toMatchObject([
      { start_time: 2_000, end_time: 3_000, volume: 2.5, trades: 1 },
    ]);
  });

  it("leave as CSV, Parquet and Arrow with the very rows and origin of the table", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    for (const query of [recording.quotes(), recording.depth({ levels: 3 }), recording.trades({ ticker: "A" })]) {
      const table = await query;
      for (const ending of ["csv", "parquet", "arrow"]) {
        const path = join(dir, `out/${table.numRows()}.${ending}`);
        const saved = await query.save(path);
        const read = await readTable(path);
        expect(read.objects(), ending).toEqual(table.objects());
        expect(provenance(read), ending).toEqual(saved.provenance);
        expect(saved.provenance.unknown, ending).toEqual(provenance(table)!.unknown);
      }
    }
  });

  it("refuse what is no span, no distance and no interval", async () => {
    await writeHoled();
    const recording = await openRecording(dir);
    const refusals: readonly (readonly [() => unknown, string])[] = [
      [() => recording.quotes({ from: 2, to: 2 }), "BAD_RANGE"],
      [() => recording.quotes({ from: "soon" }), "BAD_TIME"],
      [() => recording.quotes({ tickers: [] }), "BAD_ARGUMENT"],
      [() => recording.depth({ within: -0.1 }), "BAD_ARGUMENT"],
      [() => recording.depth({ levels: 0 }), "BAD_ARGUMENT"],
      [() => recording.bookSnapshots({ every: "never" }), "BAD_ARGUMENT"],
    ];
    for (const [ask, code] of refusals) expect(ask).toThrow(expect.objectContaining({ code }));
    await expect(recording.quotes().save(join(dir, "x.txt"))).rejects.toThrow(
      expect.objectContaining({ code: "FILE_FORMAT" }),
    );
  });
});

/** Best bid and ask with their sizes out of counts by price text. */
function plainQuote(sides: Readonly<Record<"yes" | "no", ReadonlyMap<string, number>>>): string {
  const best = (side: ReadonlyMap<string, number>) =>
    [...side]
      .filter(([, count]) => count > 0)
      .map(([price, count]): readonly [number, number] => [Math.round(Number(price) * 1e6), count])
      .sort(([a], [b]) => b - a)[0] ?? null;
  const [bid, noBid] = [best(sides.yes), best(sides.no)];
  if (bid !== null && noBid !== null && bid[0] + noBid[0] >= 1e6) return "crossed";
  return `${bid?.[0] ?? null} ${bid?.[1] ?? null} ${noBid === null ? null : 1e6 - noBid[0]} ${noBid?.[1] ?? null}`;
}

function tell(told: string[], text: string): void {
  if (told.at(-1) !== text) told.push(text);
}

function isUnknown(unknown: readonly UnknownSpan[], ticker: string, time: number): boolean {
  return unknown.some(
    ({ tickers, from, to }) =>
      tickers.includes(ticker) && (from === null || parseTime(from) <= time) && (to === null || time < parseTime(to)),
  );
}
