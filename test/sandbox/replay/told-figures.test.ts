import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeMark } from "../../../src/recorder/marks.js";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { grids, priceRanges } from "../../../src/sandbox/world/price-structures.js";
import { entryKind } from "../../../src/store/segment.js";
import { SegmentWriter } from "../../../src/store/segment-writer.js";
import { delta, frame, snapshot, subscribed } from "../../support/frames.js";
import { complaints, whyNoSpecification } from "../../support/openapi.js";
import { type Member, memberOf } from "../../support/sandbox-member.js";
import { until } from "../../support/wait.js";

const START_MS = 1_795_329_089_000;
const root = mkdtempSync(join(tmpdir(), "kalshi-replay-figures-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let serial = 0;

/** Writes a recording of these frames, a second apart, and serves it. */
async function serve(
  tickers: readonly string[],
  frames: readonly string[],
): Promise<{ sandbox: Sandbox; member: Member }> {
  serial += 1;
  const dir = join(root, `recording-${serial}`);
  const writer = await SegmentWriter.open({ dir, maxBytes: 1_000_000 });
  let at = START_MS * 1_000;
  const put = (kind: number, body: Buffer) => {
    writer.append(kind, at, 0, body);
    at += 1_000_000;
  };
  const channels = ["orderbook_delta", "trade", "ticker", "market_lifecycle_v2"];
  put(entryKind.mark, writeMark({ mark: "connect", id: "run/1", use_yes_price: false, tickers, channels }));
  for (const text of [subscribed(1), ...frames]) put(entryKind.text, Buffer.from(text));
  writer.close();
  const sandbox = await startSandbox({ replay: dir, speed: "max", keyType: "ed25519" });
  return { sandbox, member: memberOf(sandbox.ready, sandbox.privateKey) };
}

async function playToEnd({ sandbox, member }: Awaited<ReturnType<typeof serve>>): Promise<void> {
  const client = await member.connect();
  client.send({ id: 1, cmd: "subscribe", params: { channels: ["trade"] } });
  const ended = async () => (await member.control("GET", "/replay")).body.ended === true;
  await until(ended, "the end of the replay", 20_000);
  client.socket.terminate();
  expect(sandbox.world.markets.size).toBeGreaterThan(0);
}

const ticker = (market_ticker: string, ms: number, more: Readonly<Record<string, unknown>> = {}) =>
  frame(
    "ticker",
    { sid: 3 },
    {
      ...{ market_ticker, price_dollars: "0.3000", yes_bid_dollars: "0.2900", yes_ask_dollars: "0.3200" },
      ...{ volume_fp: "5000.25", open_interest_fp: "321.00", dollar_volume: 1234, dollar_open_interest: 321 },
      ...{ yes_bid_size_fp: "17.00", yes_ask_size_fp: "4.50", last_trade_size_fp: "2.00" },
      ...{ ts: Math.floor(ms / 1000), ts_ms: ms, time: new Date(ms).toISOString(), ...more },
    },
  );
const trade = (market_ticker: string, n: number, price: string, ms: number) =>
  frame(
    "trade",
    { sid: 2, seq: n },
    {
      ...{ trade_id: `0f0f0f0f-1111-4222-8333-00000000000${n}`, market_ticker, yes_price_dollars: price },
      ...{ count_fp: "3.00", taker_side: "yes", taker_outcome_side: "yes", taker_book_side: "bid" },
      ...{ ts: Math.floor(ms / 1000), ts_ms: ms },
    },
  );
const structure = (event_type: string, market_ticker: string, label: keyof typeof grids) =>
  frame(
    "market_lifecycle_v2",
    { sid: 4, seq: 1 },
    {
      ...{ event_type, market_ticker },
      ...{ price_level_structure: label, price_ranges: priceRanges(grids[label]) },
    },
  );

describe("what a replay says by REST", () => {
  it("is what the recording's tickers said: volume, open interest, last price, and sizes where there is no book", async () => {
    const served = await serve(
      ["KXA-T1", "KXB-T1"],
      [
        snapshot({ sid: 1, seq: 1 }, "KXA-T1", [["0.2900", "17.00"]], [["0.6800", "9.00"]]),
        trade("KXA-T1", 1, "0.3100", START_MS + 1_000),
        ticker("KXA-T1", START_MS + 1_001, { price_dollars: "0.3100" }),
        ticker("KXB-T1", START_MS + 1_002),
        trade("KXA-T1", 2, "0.3200", START_MS + 8_000),
        ticker("KXC-T1", START_MS + 9_000),
      ],
    );
    await playToEnd(served);
    const market = async (name: string) => (await served.member.call("GET", `/markets/${name}`)).body.market;
    expect(await market("KXA-T1")).toMatchObject({
      ...{ last_price_dollars: "0.3200", volume_fp: "5000.25", open_interest_fp: "321.00" },
      // The book's own.
      ...{ yes_bid_dollars: "0.2900", yes_bid_size_fp: "17.00", yes_ask_dollars: "0.3200", yes_ask_size_fp: "9.00" },
    });
    expect(await market("KXB-T1")).toMatchObject({
      ...{ last_price_dollars: "0.3000", volume_fp: "5000.25", open_interest_fp: "321.00" },
      ...{ yes_bid_dollars: "0.2900", yes_bid_size_fp: "17.00", yes_ask_dollars: "0.3200", yes_ask_size_fp: "4.50" },
    });
    const client = await served.member.connect();
    const params = { channels: ["ticker"], market_tickers: ["KXB-T1"], send_initial_snapshot: true };
    client.send({ id: 1, cmd: "subscribe", params });
    const { msg } = await client.find(({ type }) => type === "ticker");
    expect(msg).toMatchObject({ volume_fp: "5000.25", dollar_volume: 1234, last_trade_size_fp: "2.00" });
    client.socket.terminate();
    await served.sandbox.close();
  });

  it("has the grid that a lifecycle told, another once it was changed, and else the narrowest that has all prices", async () => {
    const tickers = ["KXTOLD-T1", "KXDECI-T1", "KXTAPER-T1", "KXHALF-T1", "KXCENT-T1"];
    const books = [
      snapshot({ sid: 1, seq: 1 }, "KXTOLD-T1", [["0.2900", "1.00"]], []),
      snapshot({ sid: 1, seq: 2 }, "KXDECI-T1", [["0.2910", "1.00"]], []),
      snapshot({ sid: 1, seq: 3 }, "KXTAPER-T1", [["0.2900", "1.00"]], [["0.0930", "1.00"]]),
      snapshot({ sid: 1, seq: 4 }, "KXHALF-T1", [["0.0050", "1.00"]], [["0.9900", "1.00"]]),
      snapshot({ sid: 1, seq: 5 }, "KXCENT-T1", [["0.2900", "1.00"]], []),
    ];
    const served = await serve(tickers, [
      structure("created", "KXTOLD-T1", "center_half_edge_deci_cent"),
      ...books,
      delta({ sid: 1, seq: 6 }, "KXHALF-T1", "yes", "0.9550", "1.00", START_MS + 7_000),
      structure("price_level_structure_updated", "KXCENT-T1", "deci_cent"),
      delta({ sid: 1, seq: 7 }, "KXCENT-T1", "yes", "0.2910", "1.00", START_MS + 8_000),
    ]);
    const labels = async () => {
      const { markets } = (await served.member.call("GET", "/markets")).body;
      for (const { price_level_structure: label, price_ranges } of markets) {
        expect(price_ranges).toEqual(priceRanges(grids[label as keyof typeof grids]));
      }
      const byTicker = new Map(
        markets.map((one: { ticker: string; price_level_structure: string }) => [
          one.ticker,
          one.price_level_structure,
        ]),
      );
      return tickers.map((one) => byTicker.get(one));
    };
    const [told, deci, taper, half] = [
      "center_half_edge_deci_cent",
      "deci_cent",
      "tapered_deci_cent",
      "center_whole_edge_half_cent",
    ];
    expect(await labels()).toEqual([told, deci, taper, half, "linear_cent"]);
    await playToEnd(served);
    expect(await labels()).toEqual([told, deci, taper, half, "deci_cent"]);
    await served.sandbox.close();
  });

  it("is that nobody trades", async () => {
    const served = await serve(["KXA-T1"], [snapshot({ sid: 1, seq: 1 }, "KXA-T1", [["0.2900", "17.00"]], [])]);
    const { status, body } = await served.member.call("GET", "/exchange/status");
    expect(body).toMatchObject({ exchange_active: true, trading_active: false });
    expect(body.exchange_index_statuses[0]).toMatchObject({ exchange_active: true, trading_active: false });
    if (whyNoSpecification === null) expect(complaints("GET", "/exchange/status", status, body)).toEqual([]);
    expect(await served.member.bid("KXA-T1")).toMatchObject({ status: 400 });
    await served.sandbox.close();
  });
});
