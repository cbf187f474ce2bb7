import { createEngine, type Engine } from "../../src/sandbox/engine/engine.js";
import type { MarketRecord, Outcome, TradeRecord } from "../../src/sandbox/types.js";
import { grids, priceRanges } from "../../src/sandbox/world/price-structures.js";
import { MemoryWorld } from "../../src/sandbox/world/world.js";
import { DOLLAR, type Price } from "../../src/units/price.js";
import { DAY, formatTime, HOUR, MINUTE, parseTime, type Timestamp } from "../../src/units/time.js";

/** A clock that stands until it is moved. */
export class ManualClock {
  #now: Timestamp;

  constructor(now: Timestamp) {
    this.#now = now;
  }

  now(): Timestamp {
    return this.#now;
  }

  advance(by: Timestamp): Timestamp {
    this.#now += by;
    return this.#now;
  }
}

export const START = parseTime("2026-11-02T12:00:00Z");

/** The key holder of tests. */
export const MEMBER = { userId: "0a0a0a0a-0000-4000-8000-000000000001", keyId: "member" };
export const OTHER = { userId: "0a0a0a0a-0000-4000-8000-000000000002", keyId: "other" };

export interface TinyMarket {
  readonly ticker: string;
  readonly eventTicker?: string;
  readonly seriesTicker?: string;
  readonly grid?: keyof typeof grids;
  readonly open?: Timestamp;
  readonly close?: Timestamp;
  readonly settled?: Timestamp;
  readonly outcome?: Outcome;
  readonly live?: boolean;
  readonly lastPrice?: Price;
}

/** A market of a tiny world: live, open since an hour and for a day, unless told otherwise. */
export function tinyMarket(options: TinyMarket): MarketRecord {
  const open = options.open ?? START - HOUR;
  const close = options.close ?? START + DAY;
  const settled = options.settled ?? close + 2 * MINUTE;
  const grid = options.grid ?? "linear_cent";
  const eventTicker = options.eventTicker ?? "SANDBOX-TINY";
  return {
    ticker: options.ticker,
    eventTicker,
    seriesTicker: options.seriesTicker ?? "SANDBOX",
    marketId: `0f0f0f0f-0000-4000-8000-${Buffer.from(options.ticker).toString("hex").padStart(12, "0").slice(-12)}`,
    createdTime: open - HOUR,
    openTime: open,
    closeTime: close,
    determinedTime: Math.min(settled, close + MINUTE),
    settledTime: settled,
    outcome: options.outcome ?? { result: "yes", value: DOLLAR, observed: "" },
    grid: grids[grid],
    live: options.live ?? true,
    stats: { lastPrice: options.lastPrice ?? null, volume: 0, openInterest: 0, yesBid: null, yesAsk: null },
    wire: { title: options.ticker, price_ranges: priceRanges(grids[grid]), open_time: formatTime(open) },
  };
}

export interface TinyWorld {
  readonly world: MemoryWorld;
  readonly clock: ManualClock;
}

/** A world of one series and the given markets, on a clock that the test moves. */
export function tinyWorld(
  markets: readonly MarketRecord[],
  options: { feeType?: string; feeMultiplier?: number; trades?: readonly TradeRecord[]; start?: Timestamp } = {},
): TinyWorld {
  const clock = new ManualClock(options.start ?? START);
  const cutoff = parseTime("2026-09-20T00:00:00Z");
  const world = new MemoryWorld({
    seed: "tiny",
    clock,
    cutoffs: () => ({
      marketSettled: cutoff,
      tradesCreated: cutoff,
      ordersUpdated: parseTime("2026-10-19T00:00:00Z"),
      positionsUpdated: cutoff,
    }),
  });
  for (const ticker of new Set(markets.map((market) => market.seriesTicker))) {
    world.addSeries({
      ticker,
      category: "Test",
      feeType: options.feeType ?? "quadratic",
      feeMultiplier: options.feeMultiplier ?? 1,
      wire: {},
    });
  }
  for (const eventTicker of new Set(markets.map((market) => market.eventTicker))) {
    const own = markets.filter((market) => market.eventTicker === eventTicker);
    world.add({ ticker: eventTicker, seriesTicker: own[0]!.seriesTicker, wire: {} }, own);
  }
  for (const ticker of new Set((options.trades ?? []).map((trade) => trade.ticker))) {
    world.trades.load(
      ticker,
      (options.trades ?? []).filter((trade) => trade.ticker === ticker),
    );
  }
  return { world, clock };
}

/** An engine over it with two members of ten thousand dollars each. */
export function tinyEngine({ world }: TinyWorld, seed = "1"): Engine {
  const engine = createEngine({ world, seed });
  for (const member of [MEMBER, OTHER]) engine.addAccount({ ...member, balance: 10_000 * DOLLAR });
  return engine;
}
