import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KalshiError } from "../../src/errors.js";
import { wireFoundBook } from "../../src/recorder/found-book.js";
import type { Mark } from "../../src/recorder/marks.js";
import { openRecording } from "../../src/recorder/replay.js";
import { segmentName } from "../../src/store/segment.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";
import type { Scripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { type Fate, TinyExchange } from "../support/tiny-exchange.js";
import { type Written, writeRecording } from "../support/write-recording.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "replay-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const tickers = ["A", "B"];
const connect = (id: string, useYesPrice = false): Mark => ({
  mark: "connect",
  id,
  use_yes_price: useYesPrice,
  tickers,
  channels: ["orderbook_delta"],
});

const write = (...entries: readonly Written[]): Promise<void> => writeRecording(dir, entries);

const at = async (ticker: string, ms: number, clock: "exchange" | "received" = "exchange") => {
  const found = wireFoundBook(await (await openRecording(dir)).bookAt(ticker, ms * 1000, { clock }));
  return {
    trust: found.trust,
    reason: found.reason ?? null,
    yes: found.yes_dollars.map(([price, count]) => `${price}×${count}`),
  };
};

describe("bookAt", () => {
  it("applies all messages up to and including the moment, on the exchange's clock or the local one", async () => {
    // The local clock is 7 ms ahead.
    await write(
      [1_000, connect("c")],
      [1_001, subscribed(1)],
      [1_002, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [])],
      [1_017, delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_010)],
      [1_017, delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "1.00", 1_010)],
      [1_027, delta({ sid: 1, seq: 4 }, "A", "yes", "0.4000", "1.00", 1_020)],
    );
    expect(await at("A", 990)).toEqual({ trust: "unknown", reason: "no_snapshot", yes: [] });
    expect(await at("A", 1_000)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×1.00"] });
    expect(await at("A", 1_009)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×1.00"] });
    expect(await at("A", 1_010)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×3.00"] });
    expect(await at("A", 1_019)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×3.00"] });
    expect(await at("A", 1_020)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×4.00"] });
    expect(await at("A", 1_021)).toEqual({ trust: "unknown", reason: "end_of_recording", yes: ["0.4000×4.00"] });
    expect(await at("A", 1_016, "received")).toEqual({ trust: "ok", reason: null, yes: ["0.4000×1.00"] });
    expect(await at("A", 1_017, "received")).toEqual({ trust: "ok", reason: null, yes: ["0.4000×3.00"] });
    expect(await at("B", 1_010)).toEqual({ trust: "unknown", reason: "no_snapshot", yes: [] });
  });

  it("trusts the book of a quiet market until a second before anything was heard last, which proves no more", async () => {
    const ends: readonly (readonly [string, Mark[]])[] = [
      ["end_of_recording", []],
      // Killed; the next recorder repairs the end before it connects.
      ["disconnect", [{ mark: "repaired", segment: 1, bytes: 5 }, connect("b")]],
    ];
    for (const [reason, marks] of ends) {
      rmSync(dir, { recursive: true, force: true });
      await write(
        [1_000, connect("a")],
        [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
        [1_010, delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_010)],
        [3_050, frame("ticker", { sid: 2 }, { market_ticker: "B", ts_ms: 3_030 })],
        [3_100, frame("trade", { sid: 3, seq: 1 }, { market_ticker: "B", ts_ms: 3_100 })],
        ...marks.map((mark, index) => [3_500 + index, mark] as const),
      );
      // By the exchange's clock less the longest delay seen; by our own all that had come had come.
      for (const [clock, until] of [
        ["exchange", 2_080],
        ["received", 3_100],
      ] as const) {
        for (const ms of [1_011, 2_000, until])
          expect(await at("A", ms, clock)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×1.00"] });
        for (const ms of [until + 1, 3_499])
          expect(await at("A", ms, clock)).toEqual({ trust: "unknown", reason, yes: ["0.4000×1.00"] });
      }
    }
  });

  it("does not bring a snapshot that wipes the book forward to the last delta before it", async () => {
    await write(
      [1_000, connect("c")],
      [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
      [1_010, delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_010)],
      [1_090, snapshot({ sid: 1, seq: 3 }, "A", [], [])],
      [1_100, delta({ sid: 1, seq: 4 }, "A", "yes", "0.3000", "1.00", 1_100)],
    );
    expect((await at("A", 1_050)).yes).toEqual(["0.4000×1.00"]);
    expect((await at("A", 1_095)).yes).toEqual([]);
    expect((await at("A", 1_100)).yes).toEqual(["0.3000×1.00"]);
  });

  it("trusts no book from the last message before a hole to the snapshot after it", async () => {
    await write(
      [1_000, connect("c")],
      [1_000, subscribed(1)],
      [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
      [1_010, delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_010)],
      [1_030, delta({ sid: 1, seq: 4 }, "A", "yes", "0.4000", "1.00", 1_030)],
      [1_040, snapshot({ id: 5, sid: 1, seq: 5 }, "A", [["0.4000", "5.00"]], [])],
      [1_050, delta({ sid: 1, seq: 6 }, "A", "yes", "0.4000", "1.00", 1_050)],
    );
    expect(await at("A", 1_009)).toMatchObject({ trust: "ok" });
    for (const ms of [1_010, 1_020, 1_030, 1_039])
      expect(await at("A", ms)).toMatchObject({ trust: "unknown", reason: "sequence" });
    expect(await at("A", 1_040)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×5.00"] });
    const found = await (await openRecording(dir)).bookAt("A", 1_020_000);
    expect([found.from, found.to]).toEqual([1_010_000, 1_040_000]);
  });

  it("does not take a message that others have overtaken for a sign that the snapshot before it is older", async () => {
    const sent = (ms: number, text: string) => text.replace('{"type"', `{"sending_ts_ms":${ms},"type"`);
    await write(
      [1_000, connect("c")],
      [1_000, subscribed(1)],
      [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
      [1_010, delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_010)],
      [1_030, delta({ sid: 1, seq: 4 }, "A", "yes", "0.4000", "1.00", 1_030)],
      [1_060, sent(1_060, snapshot({ id: 5, sid: 1, seq: 5 }, "A", [["0.4000", "5.00"]], []))],
      [1_061, delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "1.00", 1_020)],
      [1_070, delta({ sid: 1, seq: 6 }, "A", "yes", "0.4000", "1.00", 1_070)],
    );
    for (const ms of [1_020, 1_025, 1_059]) {
      expect(await at("A", ms)).toMatchObject({ trust: "unknown", reason: "sequence" });
    }
    expect(await at("A", 1_065)).toEqual({ trust: "ok", reason: null, yes: ["0.4000×5.00"] });
  });

  it("knows nothing between two connections, whether the first was ended, cut, or never seen to end", async () => {
    const ends: readonly (readonly [string, Mark[]])[] = [
      ["end_of_recording", [{ mark: "disconnect", id: "a", reason: "closed", code: 1000, last_heard: 2_020_000 }]],
      ["disconnect", [{ mark: "disconnect", id: "a", reason: "cut", code: 1006, last_heard: 2_020_000 }]],
      ["disconnect", []],
    ];
    for (const [reason, marks] of ends) {
      rmSync(dir, { recursive: true, force: true });
      await write(
        [1_000, connect("a")],
        [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
        [1_010, delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_010)],
        ...marks.map((mark) => [2_030, mark] as const),
        [2_060, connect("b", true)],
        [2_061, snapshot({ sid: 1, seq: 1 }, "A", [["0.1000", "1.00"]], [["0.8000", "1.00"]])],
        [2_070, delta({ sid: 1, seq: 2 }, "A", "no", "0.8000", "1.00", 2_070)],
      );
      expect(await at("A", 1_010)).toMatchObject({ trust: "ok", yes: ["0.4000×1.00"] });
      expect(await at("A", 1_015)).toMatchObject({ trust: marks.length > 0 ? "ok" : "unknown" });
      expect(await at("A", 2_000)).toEqual({ trust: "unknown", reason, yes: ["0.4000×1.00"] });
      expect(await at("A", 2_065)).toMatchObject({ trust: "ok", yes: ["0.1000×1.00"] });
      const found = await (await openRecording(dir)).bookAt("A", 2_000_000);
      expect(found.to).toBe(2_061_000);
      const final = await (await openRecording(dir)).final();
      expect(final.map(({ connection, trust }) => [connection, trust])).toEqual([
        [1, "ok"],
        [2, "ok"],
      ]);
      expect(wireFoundBook(final[1]!).no_dollars).toEqual([["0.2000", "2.00"]]);
    }
  });

  it.each([1, 2, 3, 4])(
    "never calls a book ok that is not the exchange's, and every one outside of faults (seed %i)",
    async (seed) => {
      const random = seeded(seed);
      const { entries, truth, trouble } = walk(random);
      await write(...entries);
      const recording = await openRecording(dir);
      let ok = 0;
      for (let i = 0; i < 60; i += 1) {
        const ms = truth[Math.floor(random() * truth.length)]!.ms;
        const ticker = tickers[i % 2]!;
        const found = await recording.bookAt(ticker, ms * 1000);
        const known = truth.findLast((one) => one.ms <= ms)!.books.get(ticker);
        if (found.trust === "ok") {
          ok += 1;
          expect({ ms, ticker, levels: JSON.stringify(found.book!.levels()) }).toEqual({ ms, ticker, levels: known });
        } else {
          expect(
            trouble.some(({ from, to }) => ms >= from && ms <= to),
            `${ticker} unknown at ${ms}: ${found.reason}`,
          ).toBe(true);
          expect(found.from! <= ms * 1000 && (found.to === null || found.to >= ms * 1000)).toBe(true);
        }
      }
      expect(ok).toBeGreaterThan(10);
    },
  );
});

describe("a recording", () => {
  it("tells damage as a gap and goes on behind it", async () => {
    await write(
      [1_000, connect("c")],
      [1_001, snapshot({ sid: 1, seq: 1 }, "A", [], [])],
      [1_010, delta({ sid: 1, seq: 2 }, "A", "yes", "0.4000", "1.00", 1_010)],
    );
    await write(
      [1_020, { ...connect("c"), mark: "continue" } as Mark],
      [1_021, delta({ sid: 1, seq: 9 }, "A", "yes", "0.4", "1", 1_020)],
    );
    await write(
      [1_029, { ...connect("c"), mark: "continue" } as Mark],
      [1_030, delta({ sid: 1, seq: 10 }, "A", "yes", "0.4", "1", 1_030)],
      [1_040, snapshot({ id: 1, sid: 1, seq: 11 }, "A", [], [])],
    );
    const bytes = readFileSync(join(dir, segmentName(2)));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(dir, segmentName(2)), Buffer.concat([bytes, Buffer.from("more")]));
    const quality = await (await openRecording(dir)).quality();
    expect(quality.gaps).toMatchObject([
      { reason: "not_recorded", recovered_by: "get_snapshot" },
      { reason: "sequence", from_seq: 3, to_seq: 9 },
    ]);
  });

  it("weighs coverage, unknown and crossed time of each market", async () => {
    await write(
      [1_000, connect("c")],
      [1_000, snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [["0.5000", "1.00"]])],
      [1_000, delta({ sid: 1, seq: 2 }, "A", "yes", "0.5000", "1.00", 1_000)],
      [1_250, delta({ sid: 1, seq: 3 }, "A", "yes", "0.5000", "-1.00", 1_250)],
      [2_000, delta({ sid: 1, seq: 5 }, "A", "yes", "0.4000", "1.00", 2_000)],
      [3_000, snapshot({ id: 2, sid: 1, seq: 6 }, "A", [], [])],
      [5_000, { mark: "disconnect", id: "c", reason: "closed", code: 1000, last_heard: 5_000_000 }],
    );
    const { markets, gaps, connections } = await (await openRecording(dir)).quality();
    expect(markets).toEqual([
      {
        ticker: "A",
        from: "1970-01-01T00:00:01.000000Z",
        to: "1970-01-01T00:00:04.000000Z",
        deltas: 3,
        snapshots: 2,
        covered_seconds: 1.25,
        unknown_seconds: 1.75,
        crossed_seconds: 0.25,
        unparsed: 0,
      },
    ]);
    expect(gaps).toMatchObject([{ from_seq: 4, to_seq: 4, tickers: ["A", "B"], from: "1970-01-01T00:00:01.250000Z" }]);
    expect(connections).toMatchObject([{ frames: 5, end: "closed" }]);
  });

  it("is refused where there is none", async () => {
    await expect(openRecording(dir)).rejects.toBeInstanceOf(KalshiError);
    await expect(openRecording(join(dir, "nowhere"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});

interface Walk {
  readonly entries: (readonly [number, Mark | string])[];
  /** The exchange's books after every millisecond. */
  readonly truth: { readonly ms: number; readonly books: ReadonlyMap<string, string> }[];
  /** When something was amiss, generously. */
  readonly trouble: { readonly from: number; readonly to: number }[];
}

/** A recording of a random exchange with dropped, doubled frames, repairs and cuts, beside what the exchange really had. */
function walk(random: () => number): Walk {
  const exchange = new TinyExchange(tickers, random);
  const entries: (readonly [number, Mark | string])[] = [];
  const truth: Walk["truth"] = [];
  const trouble: { from: number; to: number }[] = [];
  let command = 0;
  const connection: Scripted = {
    headers: {},
    number: 1,
    commands: [],
    send: (...frames) => entries.push(...frames.map((text) => [exchange.nowMs + 3, String(text)] as const)),
    pings: () => 0,
    pongs: () => 0,
    unsent: () => 0,
    close: () => {},
    cut: () => {},
    freeze: () => {},
  };
  const ask = (cmd: string, params: Record<string, unknown>): void => {
    command += 1;
    exchange.script.command!(connection, { id: command, cmd, params });
  };
  for (let round = 1; round <= 3; round += 1) {
    const from = exchange.nowMs;
    exchange.nowMs += 50;
    entries.push([exchange.nowMs + 1, connect(`walk/${round}`)]);
    exchange.script.open!(connection);
    ask("subscribe", { channels: ["orderbook_delta"], use_yes_price: false });
    exchange.trade(1);
    trouble.push({ from: from - 1, to: exchange.nowMs + 1 });
    for (let step = 0; step < 60; step += 1) {
      let dropped = false;
      const fate = (): Fate => {
        const dice = random();
        if (dice < 0.02) dropped = true;
        return dice < 0.02 ? "drop" : dice < 0.05 ? "double" : "send";
      };
      const before = exchange.nowMs;
      for (let i = 0; i < 5; i += 1) {
        exchange.trade(1, fate);
        const books = new Map(tickers.map((ticker) => [ticker, JSON.stringify(exchange.books.get(ticker)!.levels())]));
        truth.push({ ms: exchange.nowMs, books });
      }
      if (!dropped) continue;
      exchange.trade(1);
      exchange.nowMs += 2;
      ask("update_subscription", { action: "get_snapshot", market_tickers: tickers });
      exchange.trade(1);
      trouble.push({ from: before - 1, to: exchange.nowMs + 1 });
    }
    if (round === 2) continue;
    const last_heard = (exchange.nowMs + 3) * 1000;
    entries.push([
      exchange.nowMs + 9,
      { mark: "disconnect", id: `walk/${round}`, reason: "cut", code: 1006, last_heard },
    ]);
  }
  return { entries, truth, trouble };
}
