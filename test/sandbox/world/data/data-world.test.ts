import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSandbox } from "../../../../src/sandbox/sandbox.js";
import { loadDataWorld } from "../../../../src/sandbox/world/data/data-world.js";
import { formatTime, parseTime } from "../../../../src/units/time.js";
import {
  another,
  event,
  type Line,
  market,
  series,
  trade,
  writeDataFolder,
  writeLines,
} from "../../../support/data-folder.js";
import { expectRejection } from "../../../support/errors.js";
import { get } from "../../../support/sandbox-call.js";

describe("a data folder", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kalshi-lab-test-"));
    writeDataFolder(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, lines: readonly (Line | string)[]) => writeLines(folder, name, lines);
  const load = (cutoff?: string) =>
    loadDataWorld({ folder, cutoff, seed: "s", clockFrom: (end) => ({ now: () => end }) });
  const broken = async (file: string, line: number, what: RegExp) => {
    const error = await expectRejection(load(), "BAD_LINE", new RegExp(`line ${line}`));
    expect(error.message).toMatch(new RegExp(`${file}, line ${line}: `));
    expect(error.message).toMatch(what);
  };

  it("becomes a world whose clock stands at the end of everything in it, rounded up to the hour", async () => {
    const world = await load();
    expect(formatTime(world.clock.now())).toBe("2026-01-02T02:00:00Z");
    expect(world.trades.page({ limit: 9 }).map(({ id }) => id)).toEqual([trade.trade_id, another.trade_id]);
  });

  it("puts the cutoff in the middle of its time unless told otherwise", async () => {
    expect(formatTime((await load()).cutoffs().marketSettled)).toBe("2026-01-01T00:00:00Z");
    expect(formatTime((await load("2026-01-02T13:00:00Z")).cutoffs().tradesCreated)).toBe("2026-01-02T00:00:00Z");
  });

  it("may have its files packed", async () => {
    writeFileSync(join(folder, "trades.ndjson.gz"), gzipSync(`${JSON.stringify(trade)}\n`));
    rmSync(join(folder, "trades.ndjson"));
    expect((await load()).trades.size).toBe(1);
  });

  it("fills what the wire must have and it has not, and changes nothing else", async () => {
    const sandbox = await startSandbox({ data: folder, keyType: "ed25519" });
    const { body } = await get<{ market: Line }>(sandbox, "/markets/TOY-1-A");
    expect(body.market).toEqual({
      ...market,
      created_time: market.open_time,
      settlement_bounds_type: "default",
      settlement_ts: market.expected_expiration_time,
      updated_time: market.expected_expiration_time,
      yes_ask_size_fp: "0.00",
      yes_bid_size_fp: "0.00",
    });
    const trades = await get<{ trades: Line[] }>(sandbox, "/markets/trades?ticker=TOY-1-A");
    expect(trades.body.trades[0]).toEqual({
      ...trade,
      is_block_trade: false,
      taker_book_side: "bid",
      taker_outcome_side: "yes",
    });
    await sandbox.close();
  });

  it("shows, under an earlier clock, only what had happened", async () => {
    const sandbox = await startSandbox({
      data: folder,
      clock: "2026-01-01T09:30:00Z",
      speed: 0.001,
      keyType: "ed25519",
    });
    const { body } = await get<{ market: Line }>(sandbox, "/markets/TOY-1-A");
    expect(body.market).toMatchObject({
      status: "active",
      result: "",
      last_price_dollars: "0.9000",
      volume_fp: "2.00",
    });
    expect(body.market.settlement_ts).toBeUndefined();
    const trades = await get<{ trades: Line[] }>(sandbox, "/markets/trades?ticker=TOY-1-A");
    expect(trades.body.trades.map(({ trade_id }) => trade_id)).toEqual([another.trade_id]);
    await sandbox.close();
  });

  it("stands beside the series SANDBOX, and neither shows in the other", async () => {
    const sandbox = await startSandbox({ data: folder, keyType: "ed25519" });
    const { body } = await get<{ series: Line[] }>(sandbox, "/series");
    expect(body.series.map(({ ticker }) => ticker)).toEqual(["TOY", "SANDBOX"]);
    const tickers = async (name: string) =>
      (await get<{ markets: Line[] }>(sandbox, `/markets?series_ticker=${name}&limit=1000`)).body.markets;
    expect((await tickers("TOY")).map(({ ticker }) => ticker)).toEqual(["TOY-1-A"]);
    const own = await tickers("SANDBOX");
    expect(own.length).toBeGreaterThan(5);
    expect(own.every(({ ticker }) => String(ticker).startsWith("SANDBOX-"))).toBe(true);
    expect(sandbox.engine.book("TOY-1-A")).toBeNull();
    await sandbox.close();
  });

  it("keeps a market open that it shows unsettled, in its own words until the close", async () => {
    const open = { ...market, expiration_value: "", result: "", status: "active", yes_ask_dollars: "0.9100" };
    write("markets.ndjson", [open]);
    const world = await load();
    expect(world.markets.get("TOY-1-A")?.settledTime).toBeGreaterThan(parseTime("2200-01-01T00:00:00Z"));
    expect(formatTime(world.clock.now())).toBe("2026-01-01T11:00:00Z");
    for (const [clock, shown] of [
      [undefined, open],
      ["2026-01-02T00:00:00Z", { status: "closed", result: "", yes_ask_dollars: "1.0000" }],
    ] as const) {
      const sandbox = await startSandbox({ data: folder, clock, keyType: "ed25519" });
      expect((await get<{ market: Line }>(sandbox, "/markets/TOY-1-A")).body.market).toMatchObject(shown);
      await sandbox.close();
    }
  });

  it("names file, line and cause of a line that is broken", async () => {
    write("trades.ndjson", [trade, '{"count_fp": "1.0']);
    await broken("trades.ndjson", 2, /is no JSON/);
    write("trades.ndjson", [trade, "[]"]);
    await broken("trades.ndjson", 2, /should be a JSON object/);
    write("trades.ndjson", [trade, another, { ...trade, trade_id: "x", yes_price_dollars: 0.5 }]);
    await broken("trades.ndjson", 3, /`yes_price_dollars` is 0.5, should be dollars as text/);
    write("trades.ndjson", [{ ...trade, created_time: "yesterday" }]);
    await broken("trades.ndjson", 1, /`created_time` is "yesterday"/);
    write("trades.ndjson", [{ ...trade, taker_side: undefined }]);
    await broken("trades.ndjson", 1, /`taker_side` is missing/);
    write("trades.ndjson", [trade, trade]);
    await broken("trades.ndjson", 2, /twice/);
    write("trades.ndjson", [{ ...trade, ticker: "TOY-2" }]);
    await broken("trades.ndjson", 1, /TOY-2 is not in markets.ndjson/);
  });

  it("refuses records in the shape before 2026 by name", async () => {
    const { yes_price_dollars, ...rest } = trade;
    write("trades.ndjson", [{ ...rest, yes_price: 90 }]);
    await broken("trades.ndjson", 1, /`yes_price` is of the shape before 2026/);
  });

  it("refuses broken lines of the other files alike", async () => {
    write("markets.ndjson", ["", { ...market, result: "maybe" }]);
    await broken("markets.ndjson", 2, /result "maybe"/);
    write("markets.ndjson", [{ ...market, price_ranges: [] }]);
    await broken("markets.ndjson", 1, /price_ranges/);
    write("events.ndjson", [{ ...event, series_ticker: "NONE" }]);
    await broken("events.ndjson", 1, /NONE is not in series.ndjson/);
    write("series.ndjson", [{ ...series, ticker: "SANDBOX" }]);
    await broken("series.ndjson", 1, /sandbox's own series/);
  });

  it("is missed by the name of the file that is not there", async () => {
    rmSync(join(folder, "markets.ndjson"));
    const error = await expectRejection(load(), "FILE_NOT_FOUND", /series.ndjson, events.ndjson, markets.ndjson/);
    expect(error.message).toContain("no markets.ndjson and no markets.ndjson.gz");
    await expectRejection(startSandbox({ data: join(folder, "nowhere") }), "FILE_NOT_FOUND", /data folder/);
  });

  it("is refused when a packed file is damaged", async () => {
    rmSync(join(folder, "trades.ndjson"));
    writeFileSync(join(folder, "trades.ndjson.gz"), gzipSync(JSON.stringify(trade)).subarray(0, 40));
    await expectRejection(load(), "FILE_UNREADABLE", /whole/);
  });
});
