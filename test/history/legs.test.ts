import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApiRequest, Client } from "../../src/client/http.js";
import type { ListEndpoint } from "../../src/client/pages.js";
import { TokenBucket } from "../../src/client/rate-limit.js";
import type { KalshiError } from "../../src/errors.js";
import type { HistoryCache } from "../../src/history/cache.js";
import { Legs, type LegsProgress } from "../../src/history/legs.js";
import type { Leg, ListLeg } from "../../src/history/plan.js";
import { Range } from "../../src/history/range.js";
import { formatTime, parseTime, SECOND, toSeconds } from "../../src/units/time.js";
import { expectRejection } from "../support/errors.js";

const START = parseTime("2026-01-01T00:00:00Z");

interface Row {
  readonly trade_id: string;
  readonly created_time: string;
}

interface Habits {
  /** What may go wrong with an answer, by the number of the request. */
  readonly faults: readonly ("none" | "again" | "restart" | "empty" | "short" | "disorder")[];
  /** How many turns an answer takes, by the number of the request. */
  readonly delays: readonly number[];
  /** Does not look at `max_ts`. */
  readonly unbounded: boolean;
}

/** An exchange in memory: one list, newest first, cursors that are positions. */
class Exchange {
  readonly rows: readonly Row[];
  requests = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly bucket = new TokenBucket({ capacity: 1e9, refillRate: 1e9 });
  readonly endpoint: ListEndpoint;
  readonly #seconds: readonly number[];
  readonly #habits: Habits;

  constructor(times: readonly number[], limit: number, habits: Partial<Habits> = {}) {
    const made = times.map((time, index) => ({ trade_id: `t${index}`, created_time: formatTime(START + time) }));
    const at = new Map(made.map((row, index) => [row, times[index]!]));
    this.rows = made.sort((a, b) => at.get(b)! - at.get(a)! || (a.trade_id < b.trade_id ? 1 : -1));
    this.#seconds = this.rows.map((row) => Math.floor(at.get(row)! / SECOND + START / SECOND));
    this.#habits = { faults: ["none"], delays: [0], unbounded: false, ...habits };
    this.endpoint = {
      path: "/markets/trades",
      access: "public",
      list: "trades",
      maxLimit: limit,
      key: "trade_id",
      descendsBy: "created_time",
    };
  }

  leg(from: number | null, to: number | null): ListLeg {
    const bounds = { from: from === null ? null : START + from, to: to === null ? null : START + to };
    const query = {
      min_ts: bounds.from === null ? undefined : toSeconds(bounds.from) - 1,
      max_ts: bounds.to === null ? undefined : toSeconds(bounds.to) + 2,
    };
    const expected = { from: START, to: START + 10_000 * SECOND };
    const keep = { field: "created_time", ...bounds, tickers: null };
    return { kind: "list", tier: "live", endpoint: this.endpoint, query, keep, expected };
  }

  /** Ids in [from, to). */
  between(from: number | null, to: number | null): string[] {
    const low = from === null ? Number.NEGATIVE_INFINITY : START + from;
    const high = to === null ? Number.POSITIVE_INFINITY : START + to;
    return this.rows
      .filter((row) => parseTime(row.created_time) >= low && parseTime(row.created_time) < high)
      .map((row) => row.trade_id);
  }

  get client(): Client {
    return {
      costOf: () => 10,
      read: this.bucket,
      json: async (request: ApiRequest) => {
        if (request.reserved?.use() !== true) throw new Error("a page was asked for without tokens");
        return this.#answer(request);
      },
    } as unknown as Client;
  }

  async #answer(request: ApiRequest): Promise<unknown> {
    const number = this.requests;
    this.requests += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    for (let left = this.#habits.delays[number % this.#habits.delays.length]!; left > 0; left -= 1) await turn();
    this.underWay -= 1;
    request.signal?.throwIfAborted();
    return this.#page(request.query ?? {}, this.#habits.faults[number % this.#habits.faults.length]!);
  }

  #page(query: NonNullable<ApiRequest["query"]>, fault: Habits["faults"][number]): unknown {
    const { min_ts: min, max_ts: max, cursor } = query as { min_ts?: number; max_ts?: number; cursor?: string };
    const rows = this.rows.filter((_, index) => {
      const seconds = this.#seconds[index]!;
      return (min === undefined || seconds >= min) && (max === undefined || this.#habits.unbounded || seconds < max);
    });
    const limit = this.endpoint.maxLimit;
    const start = cursor === undefined || fault === "restart" ? 0 : Number.parseInt(cursor, 10);
    // The same position under another name: an empty page has a cursor of its own.
    if (fault === "empty" && start < rows.length) return { trades: [], cursor: `${cursor ?? "0"}e` };
    const from = fault === "again" && start > 1 ? start - 1 : start;
    const size = fault === "short" ? Math.max(1, Math.floor(limit / 2)) : limit;
    const end = Math.min(rows.length, start + size);
    const page = rows.slice(from, end);
    return { trades: fault === "disorder" ? page.toReversed() : page, cursor: end < rows.length ? String(end) : "" };
  }
}

async function idsOf(exchange: Exchange, legs: readonly ListLeg[], progress?: LegsProgress): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of new Legs(exchange.client, legs, { concurrency: 24, progress }).pages()) {
    ids.push(...(page.items as Row[]).map((row) => row.trade_id));
    page.accept();
  }
  return ids;
}

const spans = fc
  .tuple(fc.option(fc.nat(9_000 * SECOND)), fc.option(fc.nat(9_000 * SECOND)))
  .map(([from, to]) => (from !== null && to !== null && from > to ? ([to, from] as const) : ([from, to] as const)));

/** Quiet stretches, bursts, and many rows of one microsecond. */
const times = fc
  .array(
    fc
      .tuple(fc.nat(9_999), fc.nat(3), fc.nat(12))
      .map(([second, micros, rows]) =>
        Array.from({ length: rows }, (_, row) => second * SECOND + (row < 6 ? micros : row * 40_000)),
      ),
    { maxLength: 60 },
  )
  .map((bursts) => bursts.flat());

const delays = fc.array(fc.nat(6), { minLength: 1, maxLength: 30 });

describe("following the legs of a plan", () => {
  it("gives each row of the span once, however the rows lie in time and whatever order answers come in", async () => {
    await fc.assert(
      fc.asyncProperty(times, spans, fc.integer({ min: 2, max: 9 }), delays, async (at, [from, to], limit, waits) => {
        const exchange = new Exchange(at, limit, { delays: waits });
        const ids = await idsOf(exchange, [exchange.leg(from, to)]);
        expect([...ids].sort()).toEqual(exchange.between(from, to).sort());
      }),
      { numRuns: 300 },
    );
  });

  it("gives every row also when rows come again, pages are short or empty, cursors are lost, or the order breaks", async () => {
    const faults = fc.array(fc.constantFrom("none", "none", "again", "short", "empty", "restart", "disorder"), {
      minLength: 3,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(times, spans, faults, delays, async (at, [from, to], wrong, waits) => {
        const exchange = new Exchange(at, 7, { delays: waits, faults: wrong as Habits["faults"] });
        const found = await idsOf(exchange, [exchange.leg(from, to)]).catch((error: unknown) => {
          // A chain out of order cannot be begun again from a time; saying so is right, being short is not.
          expect(["CURSOR_REPEATED", "PAGES_ENDLESS"]).toContain((error as KalshiError).code);
          return null;
        });
        if (found !== null) expect([...new Set(found)].sort()).toEqual(exchange.between(from, to).sort());
      }),
      { numRuns: 300 },
    );
  });

  it("goes on after any number of stops at any page with exactly the rows that are left", async () => {
    const stops = fc.array(fc.nat(12), { minLength: 1, maxLength: 6 });
    // Not both: a row that comes again at the head of a page in disorder looks like page one.
    const kinds = (odd: string) => fc.array(fc.constantFrom("none", "none", odd, "short", "empty"), { maxLength: 20 });
    const faults = fc.oneof(kinds("again"), kinds("disorder")).map((some) => [...some, "none"]);
    await fc.assert(
      fc.asyncProperty(times, spans, stops, delays, faults, async (at, [from, to], after, waits, wrong) => {
        const exchange = new Exchange(at, 4, { delays: waits, faults: wrong as Habits["faults"] });
        const legs = [exchange.leg(from, to), exchange.leg(0, 50 * SECOND)];
        const kept = new Set<string>();
        let progress: LegsProgress | undefined;
        for (const pages of after) {
          const following = new Legs(exchange.client, legs, { concurrency: 24, progress });
          let left = pages;
          for await (const page of following.pages()) {
            // A page that is not accepted is a page that was lost with the process.
            if (left === 0) break;
            left -= 1;
            for (const row of page.items as Row[]) kept.add(row.trade_id);
            page.accept();
          }
          // As it stands on the disk.
          progress = JSON.parse(JSON.stringify(following.progress)) as LegsProgress;
        }
        for (const id of await idsOf(exchange, legs, progress)) kept.add(id);
        const wanted = new Set([...exchange.between(from, to), ...exchange.between(0, 50 * SECOND)]);
        expect([...kept].sort()).toEqual([...wanted].sort());
      }),
      { numRuns: 300 },
    );
  });

  it("cuts one long list into slices that are read side by side, at few requests more", async () => {
    const at = Array.from({ length: 40_000 }, (_, index) => Math.floor((index / 40_000) ** 3 * 9_000) * SECOND + index);
    const exchange = new Exchange(at, 100, { delays: [30, 40, 50] });
    const ids = await idsOf(exchange, [exchange.leg(null, null)]);
    expect(ids).toHaveLength(40_000);
    expect(exchange.mostUnderWay).toBeGreaterThan(16);
    expect(exchange.requests).toBeLessThan(400 * 1.16);
  });

  it("does not expect a burst to go on through all that is left of a slice", async () => {
    // A row every five seconds, and one minute with a thousand.
    const quiet = Array.from({ length: 2_000 }, (_, row) => row * 5 * SECOND);
    const burst = Array.from({ length: 1_000 }, (_, row) => 4_690 * SECOND + row * 60_000);
    const exchange = new Exchange([...quiet, ...burst], 100);
    const read = async (range: Range) =>
      range.fetch(exchange.client, await exchange.bucket.reserve(10), new AbortController().signal);
    const younger = Range.whole(exchange.leg(0, 10_000 * SECOND), 1);
    await read(younger);
    const older = younger.split(2)!;
    expect(older.progress.to).toBe(START + 4_750 * SECOND);
    await read(older);
    expect(older.rowsLeft).toBeGreaterThan(500);
    expect(older.rowsLeft).toBeLessThan(5_000);
  });

  it("gives the last page to a new chain, so that nothing is left to the one whose request is under way", async () => {
    const exchange = new Exchange(
      Array.from({ length: 270 }, (_, row) => row * 5 * SECOND),
      100,
    );
    const leg = exchange.leg(0, 1_350 * SECOND);
    const whole = Range.whole({ ...leg, expected: { ...leg.expected!, to: START + 1_350 * SECOND } }, 1);
    const read = async (range: Range) =>
      range.fetch(exchange.client, await exchange.bucket.reserve(10), new AbortController().signal);
    const pages = [await read(whole)];
    const underWay = read(whole);
    whole.busy = true;
    const last = whole.split(2)!;
    pages.push(await underWay, await read(last));
    expect(pages.map(({ next }) => next === null)).toEqual([false, true, true]);
    expect(pages.flatMap(({ items }) => items as Row[])).toHaveLength(270);
  });

  it("stops cutting where the exchange does not keep to the bounds it is asked with", async () => {
    const at = Array.from({ length: 1_600 }, (_, index) => index * SECOND);
    const exchange = new Exchange(at, 100, { delays: [5], unbounded: true });
    const ids = await idsOf(exchange, [exchange.leg(null, null)]);
    expect(new Set(ids).size).toBe(1_600);
    expect(exchange.requests).toBeLessThan(16 * 16);
  });

  it("charges each list its own price, whichever the tokens were meant for", async () => {
    const at = Array.from({ length: 400 }, (_, index) => index * SECOND);
    const [cheap, dear] = [new Exchange(at, 10, { delays: [3, 1, 4] }), new Exchange(at, 10, { delays: [2, 5] })];
    const legs = [cheap.leg(null, null), { ...dear.leg(null, null), endpoint: { ...dear.endpoint, path: "/dear" } }];
    const short: string[] = [];
    const client = {
      ...cheap.client,
      costOf: (_: string, path: string) => (path === "/dear" ? 40 : 10),
      json: (request: ApiRequest) => {
        if (request.reserved!.cost < (request.path === "/dear" ? 40 : 10)) short.push(request.path);
        return (request.path === "/dear" ? dear : cheap).client.json(request);
      },
    } as unknown as Client;
    let rows = 0;
    for await (const page of new Legs(client, legs, { concurrency: 24 }).pages()) {
      rows += page.items.length;
      page.accept();
    }
    expect(rows).toBe(800);
    expect(short).toEqual([]);
  });

  it("takes from the cache no faster than its pages are taken, and stops with the signal", async () => {
    let chunks = 0;
    const cache = {
      async *read() {
        for (; chunks < 1_000; chunks += 1) yield { items: [{ trade_id: `t${chunks}` }], fetched: START };
        return [];
      },
    } as unknown as HistoryCache;
    const stop = new AbortController();
    const leg = new Exchange([], 10).leg(null, null);
    const kept = {
      kind: "cached",
      tier: "historical",
      endpoint: "GET /historical/trades",
      ticker: "T",
      from: null,
    } as const;
    const legs: Leg[] = [{ ...kept, to: null, cutoff: null, instead: { ...leg, keep: null } }];
    const following = new Legs(new Exchange([], 10).client, legs, { concurrency: 24, cache, signal: stop.signal });
    const pages = following.pages();
    await pages.next();
    for (let left = 200; left > 0; left -= 1) await turn();
    expect(chunks).toBeLessThan(100);
    stop.abort();
    await expectRejection(
      (async () => {
        for await (const page of pages) page.accept();
      })(),
      "INTERRUPTED",
      /go on/,
    );
    expect(chunks).toBeLessThan(100);
  });

  it("gives up what the cache was told of a chain that turns out to be out of order", async () => {
    const told: string[][] = [];
    const cache = {
      writer: () => {
        const own: string[] = [];
        told.push(own);
        return {
          add: () => own.push("add"),
          commit: async () => void own.push("commit"),
          finish: async () => void own.push("finish"),
          giveUp: async () => void own.push("give up"),
        };
      },
    } as unknown as HistoryCache;
    const at = Array.from({ length: 9 }, (_, index) => index * SECOND);
    const exchange = new Exchange(at, 3, { faults: ["none", "disorder", "none"] });
    const following = new Legs(exchange.client, [exchange.leg(null, null)], { concurrency: 24, cache });
    for await (const page of following.pages()) page.accept();
    expect(told[0]).toEqual(["add", "commit", "give up"]);
  });

  it("reads a short list with one request, and gives back the tokens that it found no use for", async () => {
    const exchange = new Exchange([1, 2, 3], 100);
    expect(await idsOf(exchange, [exchange.leg(null, null)])).toHaveLength(3);
    expect(exchange.requests).toBe(1);
    expect(exchange.bucket.available).toBeGreaterThan(1e9 - 11);
  });

  it("gives the pages that arrived before it tells of a failure", async () => {
    const exchange = new Exchange(
      Array.from({ length: 50 }, (_, index) => index * SECOND),
      10,
    );
    const { json } = exchange.client;
    let left = 3;
    const client = { ...exchange.client, json: (request: ApiRequest) => (left-- > 0 ? json(request) : broken()) };
    const broken = () => Promise.reject(new Error("the wire broke"));
    const seen: number[] = [];
    const following = new Legs(client as unknown as Client, [exchange.leg(null, null)], { concurrency: 1 });
    await expect(
      (async () => {
        for await (const page of following.pages()) {
          seen.push(page.items.length);
          page.accept();
        }
      })(),
    ).rejects.toThrow("the wire broke");
    expect(seen).toHaveLength(3);
  });

  it("ends with INTERRUPTED when the signal is set off while it waits for tokens", async () => {
    const exchange = new Exchange([1], 10);
    const stop = new AbortController();
    const waiting = (_: number, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    const client = { ...exchange.client, read: { reserve: waiting } } as unknown as Client;
    const following = new Legs(client, [exchange.leg(null, null)], { concurrency: 1, signal: stop.signal }).pages();
    const first = following.next();
    stop.abort();
    await expectRejection(first, "INTERRUPTED", /go on/);
  });
});
