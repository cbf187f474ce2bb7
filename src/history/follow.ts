import type { Client } from "../client/http.js";
import type { RowOrder } from "../store/block.js";
import type { HistoryCache } from "./cache.js";
import { type Cutoffs, readCutoffs } from "./cutoff.js";
import { Legs } from "./legs.js";
import { routeMoved } from "./moved.js";
import type { Leg, Plan } from "./plan.js";
import { type Followed, type Progress, Tally } from "./tally.js";

export interface FollowOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Refuses the bad records of a page before it is kept. */
  readonly check?: ((items: readonly unknown[]) => void) | undefined;
  /** How the rows of a download ascend, when they are to be had ascending. */
  readonly order?: RowOrder | undefined;
  /** Where what can no longer change is kept for another time. */
  readonly cache?: HistoryCache | undefined;
}

const SIDE_BY_SIDE = 24;

/**
 * Follows a plan in memory: pages of raw records as they arrive. When the cutoff moved meanwhile, the rows that changed tier are read again
 * from the historical one, so a row may come twice; whoever makes a table or a file of it merges by key.
 *
 * @returns where the rows came from, as the generator's last value
 */
export async function* follow(
  client: Client,
  plan: Plan,
  options: FollowOptions = {},
): AsyncGenerator<readonly unknown[], Followed> {
  const tally = new Tally(client, plan, options.onProgress);
  let legs = plan.legs;
  let cutoffs = plan.cutoffs;
  while (legs.length > 0) {
    const following = new Legs(client, legs, {
      concurrency: concurrencyOf(plan),
      cutoffs,
      cache: options.cache,
      signal: options.signal,
    });
    for await (const page of following.pages()) {
      options.check?.(page.items);
      tally.count(legs[page.leg]!, page);
      page.accept();
      if (page.items.length > 0) yield page.items;
    }
    const now = await cutoffsBehind(client, legs, cutoffs, options.signal);
    legs = cutoffs === null || now === null ? [] : routeMoved({ ...plan, cutoffs }, now);
    cutoffs = now;
  }
  return {
    sources: tally.sources(),
    lacking: tally.lacking(),
    cutoffs,
    from: plan.from,
    to: plan.to,
    asOf: plan.asOf ?? null,
    live: asksLive(plan.legs),
  };
}

/** The cutoffs as they are behind the last page. What is archived does not move any more: without a live leg they are not read again. */
export async function cutoffsBehind(
  client: Client,
  legs: readonly Leg[],
  before: Cutoffs | null,
  signal: AbortSignal | undefined,
): Promise<Cutoffs | null> {
  return before !== null && asksLive(legs) ? readCutoffs(client, signal) : before;
}

/** Whether some of it is asked of the tier that things leave. */
export function asksLive(legs: readonly Leg[]): boolean {
  return legs.some((leg) => leg.tier === "live");
}

/** Legs of a plan that run side by side. */
export function concurrencyOf(plan: Plan): number {
  return plan.inOrder ? 1 : SIDE_BY_SIDE;
}
