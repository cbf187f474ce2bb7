import { CONTRACT, type Count } from "../../../units/count.js";
import type { Price } from "../../../units/price.js";
import { HOUR, SECOND, type Timestamp } from "../../../units/time.js";
import { type Grid, tickAbove, tickBelow } from "../grid.js";
import type { BuiltEvent, StrikePlan } from "../plan.js";
import { nearestOnGrid } from "../price-structures.js";
import type { Random } from "../random.js";
import { chanceBetween } from "./path.js";

/** A trade before it has an id. */
export interface Print {
  readonly time: Timestamp;
  readonly price: Price;
  readonly count: Count;
  readonly taker: "yes" | "no";
  readonly isBlock: boolean;
  /** Its place among the trades of its sweep. */
  readonly rank: number;
  /** What it adds to the open interest, or takes from it as far as there is any. */
  readonly opened: Count;
}

/** Trades of one sweep, at most. */
const MOST_OF_SWEEP = 8;
/** Sweeps come in clusters of about this many. */
const CLUSTER = 4.5;
/** Share of markets that nobody ever trades, unless the plan has another. */
const IGNORED = 0.035;

/**
 * The trades of one market, an hour at a time: each hour is made from the seed, the market and the hour alone, without any other. Takers
 * come in clusters at the busy hours and sweep several makers within one microsecond; prices follow the event's path from the opening
 * to the outcome.
 */
export class HourlyPrints {
  readonly #built: BuiltEvent;
  readonly #strike: StrikePlan;
  readonly #grid: Grid;
  readonly #random: Random;
  readonly #sweeps: number;
  /** Where few trade they trade little. */
  readonly #scale: number;

  constructor(built: BuiltEvent, index: number) {
    this.#built = built;
    this.#strike = built.plan.strikes[index] as StrikePlan;
    this.#grid = (built.markets[index] as BuiltEvent["markets"][number]).grid;
    this.#random = built.random.stream(`trades/${this.#strike.suffix}`);
    const interest = this.#random.stream("interest");
    const liking = Math.exp((built.plan.uneven ?? 0.7) * interest.normal());
    this.#sweeps = interest.chance(built.plan.ignored ?? IGNORED) ? 0 : built.plan.bursts * liking;
    this.#scale = Math.min(1.35, 0.6 * liking ** 0.7);
  }

  get first(): number {
    return this.#built.hours.first;
  }

  get last(): number {
    return this.#built.hours.last;
  }

  /** Trades of an hour, oldest first, no two sweeps of one microsecond. */
  inHour(hour: number): readonly Print[] {
    const mean = this.#sweeps * this.#built.hours.share(hour);
    if (mean === 0) return [];
    const random = this.#random.numbered(hour);
    const prints: Print[] = [];
    let before = 0;
    for (const time of this.#times(random, hour, mean)) {
      const own = Math.max(time, before + 1);
      if (own >= this.#end(hour)) break;
      this.#sweep(random, own, prints);
      before = own;
    }
    return prints;
  }

  #end(hour: number): Timestamp {
    return Math.min((hour + 1) * HOUR, this.#built.plan.closeTime);
  }

  /** Moments of the sweeps of an hour, ascending: clusters that fall anywhere, and follow-ups within seconds or minutes. */
  #times(random: Random, hour: number, mean: number): readonly Timestamp[] {
    const { openTime, rush } = this.#built.plan;
    const end = this.#end(hour);
    const start = Math.max(hour * HOUR, openTime);
    // The hour in which a rush begins has most of its sweeps after that.
    const calm = rush === undefined || rush.from >= end ? end - start : Math.max(0, rush.from - start);
    const total = calm + (end - start - calm) * (rush?.times ?? 1);
    const times: Timestamp[] = [];
    for (let clusters = random.times(mean / CLUSTER); clusters > 0; clusters -= 1) {
      const place = random.next() * total;
      let time = start + (place < calm ? place : calm + (place - calm) / (rush?.times ?? 1));
      for (let left = Math.floor(1 + 2 * (CLUSTER - 1) * random.next() + 0.5); left > 0 && time < end; left -= 1) {
        times.push(Math.floor(time));
        time += SECOND * Math.exp(3.5 + 1.5 * random.normal());
      }
    }
    return times.sort((a, b) => a - b);
  }

  #sweep(random: Random, time: Timestamp, into: Print[]): void {
    const { path, plan } = this.#built;
    const fair = chanceBetween(path.at(time), this.#strike.low, this.#strike.high);
    // Hardly anybody trades what is as good as worth nothing; what is as good as won still changes hands near the dollar.
    if (random.chance(fair < 0.004 ? 0.9 : fair < 0.03 ? 0.55 : fair > 0.996 ? 0.3 : 0)) return;
    const taker = random.chance(0.56) ? "yes" : "no";
    const next = taker === "yes" ? tickAbove : tickBelow;
    let price = nearestOnGrid(this.#grid, fair + astray(random, fair, taker));
    const makers = random.chance(0.68) ? 1 : Math.min(MOST_OF_SWEEP, 2 + Math.floor(random.exponential() * 1.35));
    const isBlock = random.chance(0.0005);
    for (let rank = 0; rank < makers; rank += 1) {
      const count = size(random, plan.fractional, this.#scale);
      into.push({ time, price, count, taker, isBlock, rank, opened: opened(random, count) });
      if (random.chance(0.45)) price = next(this.#grid, price) ?? price;
    }
  }
}

/** How far from fair a taker deals: half a spread to their disadvantage, some doubt, and now and then an empty book. */
function astray(random: Random, fair: number, taker: "yes" | "no"): number {
  const room = fair * (1 - fair);
  const doubt = (random.chance(0.13) ? 0.25 : 0.03) * Math.sqrt(room) * random.normal();
  return doubt + (taker === "yes" ? 1 : -1) * 0.008 * Math.min(1, 8 * room);
}

/** Contracts of a print, at most. */
const MOST_CONTRACTS = 25_000;

/** Contracts of a print by share of all prints, as on the exchange: 22 in the median, a thousand once in a hundred. */
const SIZES: readonly (readonly [share: number, contracts: number])[] = [
  [0, 1],
  [0.1, 1],
  [0.5, 22],
  [0.9, 180],
  [0.99, 1_000],
  [0.9995, 3_000],
  [1, 30_000],
];

function size(random: Random, fractional: number, scale: number): Count {
  const share = random.next();
  const above = SIZES.findIndex(([until]) => share < until);
  const [from, low] = SIZES[above - 1] as (typeof SIZES)[number];
  const [to, high] = SIZES[above] as (typeof SIZES)[number];
  const contracts = Math.min(MOST_CONTRACTS, scale * low * (high / low) ** ((share - from) / (to - from)));
  if (random.chance(fractional)) return Math.max(1, Math.round(contracts * CONTRACT));
  return Math.max(1, Math.round(contracts)) * CONTRACT;
}

/** Mostly both sides are new to the market, sometimes one or both hand over or leave. */
function opened(random: Random, count: Count): Count {
  const kind = random.next();
  if (kind < 0.62) return count;
  return kind < 0.82 ? 0 : -count;
}
