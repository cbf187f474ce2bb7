import { DOLLAR } from "../../units/price.js";
import { HOUR, SECOND, type Timestamp } from "../../units/time.js";
import type { MarketRecord } from "../types.js";
import type { Random } from "../world/random.js";

/** What the market is thought to be worth. */
export interface Belief {
  moveTo(time: Timestamp): void;
  /** Share of a dollar, in (0, 1). */
  fair(): number;
}

/** Log-odds that swing around an anchor, which itself goes from where the market stands to how it will end. */
export function createBelief(market: MarketRecord, random: Random, start: Timestamp): Belief {
  const life = Math.max(market.closeTime - start, SECOND);
  const quick = life < HOUR;
  const memory = quick ? life / 8 : 60 * SECOND;
  const swing = quick ? 0.35 : 0.25;
  const { lastPrice } = market.stats;
  const origin = lastPrice === null ? random.normal() * 0.8 : logit(lastPrice / DOLLAR);
  const end = logit(market.outcome.value / DOLLAR);
  let anchor = origin;
  let offset = 0;
  let at = start;
  return {
    moveTo(time) {
      const passed = Math.max(0, time - at);
      at = time;
      const share = Math.min(1, (time - start) / life);
      anchor = origin + (end - origin) * share ** 2;
      const kept = Math.exp(-passed / memory);
      offset = offset * kept + swing * Math.sqrt(1 - kept * kept) * random.normal();
    },
    fair: () => 1 / (1 + Math.exp(-(anchor + offset))),
  };
}

/** Log-odds, kept within ±6 so that certainty stays finite. */
function logit(share: number): number {
  return Math.max(-6, Math.min(6, Math.log(share / (1 - share))));
}
