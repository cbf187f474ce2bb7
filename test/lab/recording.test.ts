import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bestAsk, bestBid } from "../../src/book/best.js";
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

/** Writes marks and frames with their receive times in milliseconds. */
async function write(...entries: (readonly [number, Mark | string])[]): Promise<void> {
  const writer = await SegmentWriter.open({ dir });
  for (const [ms, what] of entries) {
    if (typeof what === "string") writer.append(entryKind.text, ms * 1000, 0, Buffer.from(what));
    else writer.append(entryKind.mark, ms * 1000, 0, writeMark(what));
  }
  writer.close();
}

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
      "7900 A - - unknown",
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
        { tickers: ["A", "B"], from: "1970-01-01T00:00:07.9Z", to: "1970-01-01T00:00:09.1Z", reason: "disconnect" },
      ],
    });
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
  }, 120_000);
});

function isUnknown(unknown: readonly UnknownSpan[], ticker: string, time: number): boolean {
  return unknown.some(
    ({ tickers, from, to }) =>
      tickers.includes(ticker) && (from === null || parseTime(from) <= time) && (to === null || time < parseTime(to)),
  );
}
