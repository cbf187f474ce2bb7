import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { onGrid } from "../../../../src/sandbox/world/grid.js";
import { MOST_TIED } from "../../../../src/sandbox/world/past/bulk-times.js";
import { BulkTrades } from "../../../../src/sandbox/world/past/bulk-trades.js";
import { idChecksum } from "../../../../src/sandbox/world/past/checksum.js";
import { grids } from "../../../../src/sandbox/world/price-structures.js";
import { BULK_ARCHIVED, BULK_STRADDLING } from "../../../../src/sandbox/world/series/bulk-series.js";
import { CONTRACT } from "../../../../src/units/count.js";
import { DAY, MINUTE, parseTime } from "../../../../src/units/time.js";
import { expectRejection } from "../../../support/errors.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { allPages, get, getSigned } from "../../../support/sandbox-call.js";

const FROM = parseTime("2026-08-01T00:00:00Z");
const SPAN = 3 * DAY;
const grid = grids.tapered_deci_cent;

function made(count: number, seed = "bulk-test"): BulkTrades {
  return new BulkTrades({ seed, ticker: "BULK-X", grid, count, from: FROM, to: FROM + SPAN, end: 0.99 });
}

describe("the trades of a bulk market", () => {
  const bulk = made(60_000);
  const all = Array.from({ length: bulk.length }, (_, i) => bulk.at(i));

  it("ascend by time and id, within the market's life, on its grid, each with an id of its own", () => {
    for (const [i, { time, id, price, count }] of all.entries()) {
      const before = all[i - 1];
      const isAfter = before === undefined || time > before.time || (time === before.time && id > before.id);
      if (!isAfter || time < FROM || time >= FROM + SPAN || !onGrid(grid, price) || count <= 0)
        expect.fail(`trade ${i}`);
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const v4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(all.filter(({ id }) => !v4.test(id))).toEqual([]);
  });

  it("share their microsecond as often as on the exchange, a dozen at most", () => {
    const tied = all.filter(({ time }, i) => time === all[i - 1]?.time).length / all.length;
    expect(tied).toBeGreaterThan(0.35);
    expect(tied).toBeLessThan(0.41);
    const sizes = new Map<number, number>();
    for (const { time } of all) sizes.set(time, (sizes.get(time) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(MOST_TIED);
    // As many as can be crowd into a span too short for them, and still ascend.
    const crowded = new BulkTrades({ seed: "s", ticker: "C", grid, count: 9, from: 0, to: MINUTE, end: 0.5 });
    expect(crowded.timeAt(8)).toBeLessThan(MINUTE);
  });

  it("come in quiet nights and in bursts a hundred times as dense", () => {
    const minutes = new Float64Array(SPAN / MINUTE);
    for (const { time } of all) minutes[Math.floor((time - FROM) / MINUTE)]! += 1;
    const sorted = [...minutes].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1] as number;
    expect(sorted.at(-1)).toBeGreaterThan(50 * median);
    const inHour = (hour: number) => minutes.slice(hour * 60, hour * 60 + 60).toSorted()[30] as number;
    expect(inHour(15)).toBeGreaterThan(5 * inHour(6));
  });

  it("are of fractions and off the book at times, and bought more often than sold", () => {
    const share = (test: (trade: (typeof all)[number]) => boolean) => all.filter(test).length / all.length;
    expect(share(({ count }) => count % CONTRACT !== 0)).toBeCloseTo(0.06, 1);
    expect(share(({ taker }) => taker === "yes")).toBeCloseTo(0.56, 1);
    expect(share(({ isBlock }) => isBlock)).toBeGreaterThan(0);
    expect(share(({ isBlock }) => isBlock)).toBeLessThan(0.002);
  });

  it("are the same for the same seed, and others for another", () => {
    const again = made(60_000);
    expect([0, 777, 59_999].map((i) => again.at(i))).toEqual([0, 777, 59_999].map((i) => all[i]));
    expect(made(60_000, "other").at(777)).not.toEqual(all[777]);
  });

  it("come page by page as from a list of them, from any cursor, within any span", () => {
    const small = made(500);
    const rows = Array.from({ length: small.length }, (_, i) => small.at(i));
    const time = fc.oneof(
      fc.integer({ min: FROM, max: FROM + SPAN }),
      fc.nat({ max: 499 }).map((i) => rows[i]!.time),
    );
    const cursor = fc.nat({ max: 499 }).map((i) => ({ time: rows[i]!.time, id: rows[i]!.id }));
    const query = fc.record(
      { from: time, to: time, before: cursor, isBlock: fc.boolean(), limit: fc.integer({ min: 1, max: 40 }) },
      { requiredKeys: ["limit"] },
    );
    fc.assert(
      fc.property(query, ({ from = 0, to = FROM + SPAN, before, isBlock, limit }) => {
        const wanted = rows.filter(
          (row) =>
            row.time >= from &&
            row.time < to &&
            (isBlock === undefined || row.isBlock === isBlock) &&
            (before === undefined || row.time < before.time || (row.time === before.time && row.id < before.id)),
        );
        expect(small.page({ from, to, before, isBlock, limit })).toEqual(wanted.reverse().slice(0, limit));
        const volume = rows
          .filter((row) => row.time >= from && row.time < to)
          .reduce((sum, { count }) => sum + count, 0);
        expect(small.volumeBetween(from, Math.max(from, to))).toBe(volume);
      }),
    );
  });
});

interface Row {
  readonly trade_id: string;
  readonly created_time: string;
  readonly count_fp: string;
}
interface Summary {
  readonly count: number;
  readonly checksum: string;
  readonly first: { readonly trade_id: string; readonly created_time: string };
  readonly last: { readonly trade_id: string };
}

describe("a sandbox with bulk markets", () => {
  const COUNT = 12_000;
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "bulk", bulkTrades: COUNT, keyType: "ed25519", tier: "prestige" });
  });
  afterAll(() => sandbox?.close());

  const summary = async (ticker: string) => {
    const response = await fetch(`${sandbox.ready.control_url}/trades?ticker=${ticker}`);
    return { status: response.status, body: (await response.json()) as Summary };
  };
  const download = (path: string) => allPages<Row>(sandbox, path, "trades").then(({ rows }) => rows);
  const contracts = (rows: readonly Row[]) =>
    rows.reduce((sum, { count_fp }) => sum + Math.round(Number(count_fp) * 100), 0);

  it("serves the archived one from the historical tier alone, to the last trade", async () => {
    const rows = await download(`/historical/trades?ticker=${BULK_ARCHIVED}&limit=1000`);
    const { body } = await summary(BULK_ARCHIVED);
    expect({ count: rows.length, checksum: idChecksum(rows.map(({ trade_id }) => trade_id)) }).toEqual({
      count: COUNT,
      checksum: body.checksum,
    });
    expect(body).toMatchObject({
      count: COUNT,
      first: { trade_id: rows.at(-1)?.trade_id },
      last: { trade_id: rows[0]?.trade_id },
    });
    expect((await get<{ trades: Row[] }>(sandbox, `/markets/trades?ticker=${BULK_ARCHIVED}`)).body.trades).toEqual([]);
    const { body: found } = await get<{ market: { volume_fp: string; status: string } }>(
      sandbox,
      `/historical/markets/${BULK_ARCHIVED}`,
    );
    expect(found.market.status).toBe("finalized");
    expect(Math.round(Number(found.market.volume_fp) * 100)).toBe(contracts(rows));
    expect((await get(sandbox, `/markets/${BULK_ARCHIVED}`)).status).toBe(404);
  });

  it("serves the straddling one from both tiers, about half each, with rows that both have", async () => {
    const old = await download(`/historical/trades?ticker=${BULK_STRADDLING}&limit=1000`);
    const recent = await download(`/markets/trades?ticker=${BULK_STRADDLING}&limit=1000`);
    const ids = new Set([...old, ...recent].map(({ trade_id }) => trade_id));
    const { body } = await summary(BULK_STRADDLING);
    expect(body.count).toBe(COUNT);
    expect(ids.size).toBe(COUNT);
    expect(idChecksum(ids)).toBe(body.checksum);
    expect(old.length + recent.length).toBeGreaterThan(COUNT);
    for (const part of [old, recent]) expect(part.length).toBeGreaterThan(COUNT / 4);
    expect((await get(sandbox, `/markets/${BULK_STRADDLING}`)).status).toBe(200);
  });

  it("shows them among the trades of all markets, each once", async () => {
    const last = sandbox.world.markets.get(BULK_ARCHIVED)!.closeTime;
    const span = `min_ts=${Math.floor((last - 4 * DAY) / 1e6)}&max_ts=${Math.floor((last + DAY) / 1e6)}&limit=1000`;
    const rows = await download(`/historical/trades?${span}`);
    const own = rows.filter((row) => (row as Row & { ticker: string }).ticker === BULK_ARCHIVED);
    expect(own).toEqual(await download(`/historical/trades?ticker=${BULK_ARCHIVED}&${span}`));
    expect(own.length).toBeGreaterThan(500);
    expect(rows.length).toBeGreaterThan(2 * own.length);
    expect(new Set(rows.map(({ trade_id }) => trade_id)).size).toBe(rows.length);
    const times = rows.map(({ created_time }) => parseTime(created_time));
    expect(times.every((time, i) => i === 0 || time <= (times[i - 1] as number))).toBe(true);
  });

  it("makes candles of them, prices and volumes without quotes, that add up", async () => {
    const path = `/historical/markets/${BULK_ARCHIVED}/candlesticks?start_ts=1700000000&end_ts=1900000000`;
    const { body: stated } = await get<{ market: { volume_fp: string } }>(
      sandbox,
      `/historical/markets/${BULK_ARCHIVED}`,
    );
    for (const minutes of [1, 60, 1440]) {
      const { body } = await getSigned<{ candlesticks: { volume: string; yes_bid: { close: string } }[] }>(
        sandbox,
        `${path}&period_interval=${minutes}`,
      );
      const sum = body.candlesticks.reduce((total, { volume }) => total + Math.round(Number(volume) * 100), 0);
      expect(sum).toBe(Math.round(Number(stated.market.volume_fp) * 100));
      expect(body.candlesticks[0]?.yes_bid.close).toBe("");
    }
  });

  it("tells of any other market too how many trades it has, and of none that there is not", async () => {
    await fetch(`${sandbox.ready.control_url}/freeze`, { method: "POST" });
    const ticker = "SANDBOX-LIVE-T50";
    const rows = await download(`/markets/trades?ticker=${ticker}&limit=1000`);
    const { body } = await summary(ticker);
    expect(body.count).toBe(rows.length);
    expect(body.checksum).toBe(idChecksum(rows.map(({ trade_id }) => trade_id)));
    expect(body.first.created_time).toBe(rows.at(-1)?.created_time);
    expect((await summary("NOBODY")).status).toBe(404);
  });

  it.skipIf(whyNoSpecification !== null)(
    `answers in the shape of the specification (${whyNoSpecification ?? "held against it"})`,
    async () => {
      const wrong: string[] = [];
      for (const [path, call] of [
        ["/historical/trades", `/historical/trades?ticker=${BULK_ARCHIVED}&limit=1000`],
        ["/markets/trades", `/markets/trades?ticker=${BULK_STRADDLING}`],
        ["/markets/{ticker}", `/markets/${BULK_STRADDLING}`],
        ["/series/{series_ticker}", "/series/BULK?include_volume=true"],
        ["/events/{event_ticker}", "/events/BULK-STRADDLING"],
      ] as const) {
        const { status, body, text } = await getSigned(sandbox, call);
        if (status !== 200) wrong.push(`${call}: ${text}`);
        else wrong.push(...complaints("GET", path, 200, body).map((what) => `${call}: ${what}`));
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each([0, 1.5, -1, 1e9])("refuses %d of them with a hint", async (bulkTrades) => {
    await expectRejection(startSandbox({ bulkTrades }), "BAD_ARGUMENT", /whole number of trades/);
  });
});
