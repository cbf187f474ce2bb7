import { invalidParameter, Refused } from "../wire/replies.js";
import type { QueryReader } from "./query.js";

/** The one shard of the sandbox. It holds everything, combos, crypto and sports too. */
export const SHARD = 0;
/** Asks for the shard of the market that is named. */
const AUTO = -1;

/** Refuses an `exchange_index` of a shard that does not exist. Left out, or -1, it is found by itself. */
export function checkShard(index: number | undefined): void {
  if (index === undefined || index === AUTO || index === SHARD) return;
  throw new Refused(invalidParameter(`exchange_index ${index} does not exist`));
}

/** The same for the parameter of a query. */
export function checkShardIn(query: QueryReader): void {
  checkShard(query.integer("exchange_index"));
}
