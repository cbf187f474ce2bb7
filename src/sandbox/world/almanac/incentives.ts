import { CONTRACT, type Count } from "../../../units/count.js";
import { DAY, HOUR, startOfDay, type Timestamp } from "../../../units/time.js";
import type { MarketRecord } from "../../types.js";
import { Random } from "../random.js";

/** A reward for trading in a market, or for resting orders there. Money in centi-cents. */
export interface IncentiveProgram {
  readonly id: string;
  readonly market: MarketRecord;
  readonly type: "liquidity" | "volume";
  readonly description: string;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly reward: number;
  /** From here on it has been paid. */
  readonly paid: Timestamp;
  readonly discountBps: number | undefined;
  readonly target: Count | undefined;
  readonly mostPerAccount: number | undefined;
}

export type IncentiveStatus = "active" | "upcoming" | "closed" | "paid_out";

/** One market in this many has a program. */
const RARITY = 8;

/** The program of a market; null for most. It lasts for a part of the market's life and is paid a day after its end. */
export function incentiveOf(seed: string, market: MarketRecord): IncentiveProgram | null {
  const random = new Random(`${seed}/incentive/${market.ticker}`);
  if (random.integer(0, RARITY) !== 0) return null;
  const life = market.closeTime - market.openTime;
  if (life < HOUR) return null;
  const start = market.openTime + Math.floor((random.next() * life) / 2 / HOUR) * HOUR;
  const end = Math.min(market.closeTime, start + Math.max(HOUR, Math.floor((random.next() * life) / HOUR) * HOUR));
  const type = random.chance(0.7) ? "liquidity" : "volume";
  const reward = random.integer(1, 200) * 100_000;
  return {
    id: random.uuid(),
    market,
    type,
    description: type === "liquidity" ? "Liquidity program" : "Volume program",
    start,
    end,
    reward,
    paid: startOfDay(end + 2 * DAY),
    discountBps: type === "liquidity" ? random.integer(20, 91) * 100 : undefined,
    target: type === "liquidity" ? random.integer(2, 60) * 100 * CONTRACT : undefined,
    mostPerAccount: type === "volume" ? Math.floor(reward / 4) : undefined,
  };
}

export function incentiveStatus({ start, end, paid }: IncentiveProgram, now: Timestamp): IncentiveStatus {
  if (now < start) return "upcoming";
  if (now < end) return "active";
  return now < paid ? "closed" : "paid_out";
}
