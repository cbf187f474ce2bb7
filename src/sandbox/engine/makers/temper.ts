import { HOUR, MILLISECOND, SECOND, type Timestamp } from "../../../units/time.js";
import type { MarketRecord } from "../../types.js";
import type { SizeRanks } from "./sizes.js";

/** How lively a market is, how deep and how wide. See WIRE: statistics. */
export interface Temper {
  /** Mean pause between two flurries. */
  readonly pause: Timestamp;
  /** How unevenly flurries come over the seconds: 0 for evenly. */
  readonly moody: number;
  /** Orders at a price near the best. */
  readonly near: number;
  /** Levels per side, grid permitting. */
  readonly levels: number;
  /** Share of acts that move an order, and that take one. */
  readonly requotes: number;
  readonly takes: number;
  /** Mean of what is added to the narrowest spread, in steps. */
  readonly wide: number;
  /** Share of acts in which a best quote that lags behind is brought up. */
  readonly prompt: number;
  readonly sizes: SizeRanks;
  readonly takerSizes: SizeRanks;
  /** Contracts that stand at one cent from the opening on. */
  readonly wall: number;
  /** Until when it is so. */
  readonly until: Timestamp;
}

/** What tells the temper of a market. */
export interface TemperFacts {
  readonly market: MarketRecord;
  readonly category: string;
  /** The series that is there for trading. */
  readonly isOwn: boolean;
}

const FOREVER = Number.POSITIVE_INFINITY;
const WEATHER_TAKERS: SizeRanks = [1, 1, 22, 180, 1_000, 5_000];
const CRYPTO: SizeRanks = [1, 2, 75, 1_000, 8_000, 20_000];
const SPORTS: SizeRanks = [1, 5, 160, 1_200, 8_000, 50_000];

/** A market that lives for a quarter of an hour: 87 deltas a second, a hundred levels on either side. */
const quarter: Temper = {
  pause: 34 * MILLISECOND,
  moody: 1.4,
  near: 5,
  levels: 143,
  requotes: 0.33,
  takes: 0.04,
  wide: 0.3,
  prompt: 0.35,
  sizes: CRYPTO,
  takerSizes: WEATHER_TAKERS,
  wall: 0,
  until: FOREVER,
};

/** The sandbox's own markets: some fifteen deltas a second, enough to watch and to trade with. */
const own: Temper = { ...quarter, pause: 260 * MILLISECOND, moody: 0.6, near: 2, levels: 45 };

/** Thresholds of an index or a rate: a delta every eight seconds. */
const ladder: Temper = {
  ...own,
  pause: 55 * SECOND,
  moody: 0.4,
  near: 0.9,
  levels: 16,
  takes: 0.06,
  wide: 1.72,
  prompt: 0.5,
};

/** A temperature: twenty levels on either side, small sizes, wide quotes. */
const weather: Temper = {
  ...ladder,
  pause: 25 * SECOND,
  levels: 15,
  near: 0.8,
  wide: 2.2,
  sizes: [1, 1, 7, 100, 700, 5_000],
};

/** A game before it begins, and while it is played. */
const pregame: Temper = { ...ladder, pause: 20 * SECOND, levels: 25, wide: 0.5, sizes: SPORTS, wall: 1_000_000 };
const inPlay: Temper = { ...pregame, pause: 220 * MILLISECOND, moody: 0.5, near: 2.5, takes: 0.48, prompt: 0.2 };

/** How long before its close a game begins. */
const GAME = 3 * HOUR;
/** A market that lives no longer than this is a race. */
const SHORT = 20 * 60 * SECOND;

/** What is traded in a hurry, what is played, and what is waited for. */
export function temperOf({ market, category, isOwn }: TemperFacts, time: Timestamp): Temper {
  if (isOwn) return own;
  if (market.closeTime - market.openTime <= SHORT) return quarter;
  if (category === "Climate and Weather") return weather;
  if (category !== "Sports") return ladder;
  const begins = market.closeTime - GAME;
  return time < begins ? { ...pregame, until: begins } : inPlay;
}
