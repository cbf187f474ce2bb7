import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { createSigner } from "../../src/client/signing.js";
import { historicalMarkets } from "../../src/exchange/market.js";
import { historicalTrades } from "../../src/exchange/trade.js";
import type { HistoryCache } from "../../src/history/cache.js";
import { Shelf } from "../../src/history/cache-shelf.js";
import { DiskCache } from "../../src/history/disk-cache.js";
import { follow } from "../../src/history/follow.js";
import type { ListLeg, Plan } from "../../src/history/plan.js";
import { secondsAround, spanFrom } from "../../src/history/spans.js";
import { DAY, formatTime, HOUR, parseTime, type Timestamp, toSeconds } from "../../src/units/time.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";

const START = parseTime("2026-01-01T00:00:00Z");

/** A historical tier of invented trades: pages as short as it likes, newest first, several trades in one microsecond. */
class TinyHistory {
  trades: { id: string; time: Timestamp }[] = [];
  cutoff: Timestamp = START;
  pageSize = 3;
  requests = 0;

  page(query: URLSearchParams): unknown {
    this.requests += 1;
    const [min, max] = [Number(query.get("min_ts") ?? 0), Number(query.get("max_ts") ?? 1e12)];
    const found = this.trades
      .filter(({ time }) => time < this.cutoff && toSeconds(time) >= min && time <= max * 1e6)
      .sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1));
    const start = Number(query.get("cursor") ?? 0);
    const rows = found.slice(start, start + this.pageSize);
    const cursor = start + this.pageSize < found.length ? String(start + this.pageSize) : "";
    return {
      cursor,
      trades: rows.map(({ id, time }) => ({ trade_id: id, ticker: "T", created_time: formatTime(time) })),
    };
  }

  /** What an uncached question gets. */
  within(from: Timestamp | null, to: Timestamp | null): string[] {
    const span = spanFrom({ from, to });
    return this.trades
      .filter(({ time }) => time < this.cutoff && time >= span.from && time < span.to)
      .map(({ id }) => id)
      .sort();
  }
}

/** One thing that happens to the cache between, or instead of, whole questions. */
type Step =
  | {
      readonly do: "ask";
      readonly from: number | null;
      readonly to: number | null;
      readonly pages: number | null;
      readonly pageSize: number;
    }
  | { readonly do: "move"; readonly by: number }
  | { readonly do: "damage"; readonly file: number; readonly at: number }
  | { readonly do: "remove"; readonly file: number };

const HALF_DAYS = 24;
const bound = fc.option(fc.integer({ min: 0, max: HALF_DAYS }), { nil: null, freq: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      from: bound,
      to: bound,
      // A question that is ended after so many pages leaves what a killed process leaves.
      pages: fc.option(fc.integer({ min: 1, max: 6 }), { nil: null }),
      pageSize: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("move" as const), by: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("damage" as const), file: fc.nat(), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), file: fc.nat() }) },
);

describe("what is kept of closed history", () => {
  const history = new TinyHistory();
  let dir: string;
  let server: ScriptedServer;
  let client: Client;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "kalshi-lab-cache-"));
    server = await scriptedServer((request, response) => {
      const url = new URL(request.url!, "http://localhost");
      const time = formatTime(history.cutoff);
      if (url.pathname.endsWith("/historical/trades")) answer(response, 200, history.page(url.searchParams));
      else answer(response, 200, { market_settled_ts: time, trades_created_ts: time, orders_updated_ts: time });
    });
    // With a key: calls without one are limited to a few a second.
    const privateKey = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    client = new Client({ baseUrl: server.baseUrl, signer: createSigner({ keyId: "key", privateKey }) });
    client.read.resize({ capacity: 1e9, refillRate: 1e9 });
  });

  afterAll(async () => {
    await client.close();
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const cache = (): HistoryCache => new DiskCache(new Shelf(dir, "tiny"), { worthAFile: 4 });

  async function planOf(from: Timestamp | null, to: Timestamp | null, closed = false): Promise<Plan> {
    const { cutoff } = history;
    const cutoffs = {
      market_settled: cutoff,
      trades_created: cutoff,
      orders_updated: cutoff,
      positions_updated: cutoff,
    };
    const leg: ListLeg = {
      kind: "list",
      tier: "historical",
      endpoint: historicalTrades,
      query: { ticker: "T", ...secondsAround(spanFrom({ from, to })) },
      keep: { field: "created_time", from, to, tickers: null },
      closed,
    };
    return { noun: "trades", legs: await cache().cover([leg], cutoffs), cutoffs, from, to, inOrder: false };
  }

  /** Follows a plan, to its end or for so many pages. */
  async function ask(plan: Plan, pages = Number.POSITIVE_INFINITY): Promise<string[]> {
    const ids = new Set<string>();
    let left = pages;
    for await (const page of follow(client, plan, { cache: cache() })) {
      for (const row of page) ids.add((row as { trade_id: string }).trade_id);
      left -= 1;
      if (left <= 0) break;
    }
    return [...ids].sort();
  }

  const files = (): string[] =>
    readdirSync(dir, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".kept"))
      .map((name) => join(dir, name))
      .sort();

  it("and asked for once gives exactly what an uncached question gets, whatever was asked, killed, damaged or removed before", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: HALF_DAYS }), fc.integer({ min: 0, max: 1 })), {
          maxLength: 40,
        }),
        fc.array(step, { minLength: 3, maxLength: 10 }),
        async (times, steps) => {
          for (const file of files()) rmSync(file);
          // Many in the same microsecond, so that pages end within one.
          history.trades = times.map(([hour, micro], index) => ({
            id: `t${index}`,
            time: START + hour * HOUR + micro,
          }));
          history.cutoff = START + 4 * DAY;
          for (const one of steps) {
            const found = files();
            const file = "file" in one && found.length > 0 ? found[one.file % found.length]! : null;
            if (one.do === "move") history.cutoff += one.by * DAY;
            if (one.do === "remove" && file !== null) rmSync(file);
            if (one.do === "damage" && file !== null) {
              const bytes = readFileSync(file);
              bytes[one.at % bytes.length]! ^= 1 + (one.at % 255);
              writeFileSync(file, bytes);
            }
            if (one.do !== "ask") continue;
            const [from, to] = [one.from, one.to].map((half) => (half === null ? null : START + half * 12 * HOUR));
            if (from !== null && to !== null && from! >= to!) continue;
            history.pageSize = one.pageSize;
            const rows = await ask(await planOf(from!, to!), one.pages ?? undefined);
            if (one.pages === null) expect(rows).toEqual(history.within(from!, to!));
          }
        },
      ),
      { numRuns: Number(process.env.CACHE_RUNS ?? 60) },
    );
  });

  it("is not asked again: the same question a second time takes no request for rows before the cutoff", async () => {
    for (const file of files()) rmSync(file);
    history.trades = Array.from({ length: 50 }, (_, index) => ({ id: `t${index}`, time: START + index * HOUR }));
    history.cutoff = START + DAY;
    history.pageSize = 7;
    const [from, to] = [START + 3 * HOUR, history.cutoff];
    const first = await ask(await planOf(from, to));
    expect(first).toEqual(history.within(from, to));
    const before = history.requests;
    const plan = await planOf(from, to);
    expect(plan.legs).toMatchObject([{ kind: "cached", from, to, endpoint: "GET /historical/trades", ticker: "T" }]);
    expect(await ask(plan)).toEqual(first);
    expect(history.requests).toBe(before);
  });

  it("has every trade of one microsecond, though pages end within it", async () => {
    for (const file of files()) rmSync(file);
    history.trades = Array.from({ length: 9 }, (_, index) => ({
      id: `t${index}`,
      time: START + Math.floor(index / 5) * HOUR,
    }));
    history.cutoff = START + DAY;
    history.pageSize = 1;
    expect(await ask(await planOf(null, null))).toEqual(history.within(null, null));
    const before = history.requests;
    expect(await ask(await planOf(null, history.cutoff))).toEqual(history.within(null, null));
    expect(history.requests).toBe(before);
  });
});

describe("a kept list of markets", () => {
  const cutoffs = {
    market_settled: START,
    trades_created: START,
    orders_updated: START,
    positions_updated: START,
  };

  const leg = (from: Timestamp, to: Timestamp): ListLeg => ({
    kind: "list",
    tier: "historical",
    endpoint: historicalMarkets,
    query: { series_ticker: "S" },
    keep: { field: "close_time", from, to, tickers: null },
  });

  it("is whole, whatever span it was asked for, and never asked by bounds that its endpoint does not know", async () => {
    const dir = await mkdtemp(join(tmpdir(), "kalshi-lab-cache-"));
    const cache = new DiskCache(new Shelf(dir, "tiny"));
    const wide = leg(START - DAY, START + DAY);
    expect(await cache.cover([wide], cutoffs)).toEqual([wide]);
    const writer = cache.writer(leg(START, START + HOUR), cutoffs)!;
    writer.add([{ ticker: "M" }], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    await writer.finish();
    const [kept, ...others] = await cache.cover([wide], cutoffs);
    expect(others).toEqual([]);
    expect(kept).toMatchObject({ kind: "cached", from: null, to: null, instead: wide });
    // Once the cutoff has moved on the same list is asked again, whole.
    expect(await cache.cover([wide], { ...cutoffs, market_settled: START + DAY })).toEqual([wide]);
    rmSync(dir, { recursive: true });
  });

  it("of which only a part is claimed to be known is not used", async () => {
    const dir = await mkdtemp(join(tmpdir(), "kalshi-lab-cache-"));
    const shelf = new Shelf(dir, "tiny");
    const known = { span: { from: START, to: START + DAY }, cutoff: START, closed: false };
    await shelf.put({ kind: "markets", key: "series_ticker=S", interval: null }, known, ["{}"]);
    const asked = leg(START, START + DAY);
    expect(await new DiskCache(shelf).cover([asked], cutoffs)).toEqual([asked]);
    rmSync(dir, { recursive: true });
  });
});
