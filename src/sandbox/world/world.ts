import { type Clock, DAY, type Timestamp } from "../../units/time.js";
import type { Cutoffs, EventRecord, JsonObject, MarketRecord, SeriesRecord, World } from "../types.js";
import { FeeChangeList } from "./fee-schedule.js";
import { MemoryTradeLog } from "./past/trade-log.js";
import { cutoffsAt } from "./tiers.js";
import { WorldName } from "./world-name.js";

export interface WorldOptions {
  readonly seed: string;
  readonly clock: Clock;
  readonly cutoffs: (now: Timestamp) => Cutoffs;
}

/** The changing fields of a market as a folder of real records has them. They are sent instead of ours in [`from`, `to`). */
export interface FoundState {
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly fields: JsonObject;
}

/** A world held in memory: filled once by the generator or from a folder, then growing by `add`. */
export class MemoryWorld implements World {
  readonly seed: string;
  /** Hashes of the files it was read from. */
  readonly content: string[] = [];
  readonly clock: Clock;
  readonly series = new Map<string, SeriesRecord>();
  readonly events = new Map<string, EventRecord>();
  readonly markets = new Map<string, MarketRecord>();
  readonly trades = new MemoryTradeLog(this.markets);
  readonly feeChanges = new FeeChangeList();
  /** Markets from a folder of real records. Of what the folder has not, such as quotes over time, nothing is made up. */
  readonly found = new Map<string, FoundState>();
  readonly #marketsOf = new Map<string, MarketRecord[]>();
  #cutoffs: (now: Timestamp) => Cutoffs;
  #name = new WorldName([], Number.POSITIVE_INFINITY);

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.clock = options.clock;
    this.#cutoffs = options.cutoffs;
  }

  get name(): string {
    return this.#name.at(this.cutoffs().tradesCreated);
  }

  /** Names the world; see {@link WorldName}. */
  nameAfter(made: readonly unknown[], start: Timestamp): void {
    this.#name = new WorldName(made, start);
  }

  marketsOf(eventTicker: string): readonly MarketRecord[] {
    return this.#marketsOf.get(eventTicker) ?? [];
  }

  cutoffs(): Cutoffs {
    return this.#cutoffs(this.clock.now());
  }

  /** Puts the boundary between the tiers elsewhere, floored to midnight UTC, as it moves at midnight on the exchange. */
  moveCutoffTo(date: Timestamp): void {
    this.#cutoffs = (now) => cutoffsAt(date, now);
    this.#name.at(this.cutoffs().tradesCreated);
  }

  moveCutoffForward(days: number): void {
    this.moveCutoffTo(this.cutoffs().tradesCreated + days * DAY);
  }

  addSeries(series: SeriesRecord): void {
    this.series.set(series.ticker, series);
  }

  add(event: EventRecord, markets: readonly MarketRecord[]): void {
    this.events.set(event.ticker, event);
    const list = this.#marketsOf.get(event.ticker) ?? [];
    this.#marketsOf.set(event.ticker, list);
    for (const market of markets) {
      this.markets.set(market.ticker, market);
      list.push(market);
    }
  }
}
