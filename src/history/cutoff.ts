import type { Client } from "../client/http.js";
import { KalshiError } from "../errors.js";
import { asObject } from "../exchange/field.js";
import { DAY, parseTime, type Timestamp } from "../units/time.js";

/** The four boundaries between the live and the historical tier. */
export interface Cutoffs {
  /** By a market's settlement. */
  readonly market_settled: Timestamp;
  /** By the time of a trade or a fill. */
  readonly trades_created: Timestamp;
  /** By an order's cancellation or full execution. */
  readonly orders_updated: Timestamp;
  /** By the last update of a settled position; where the exchange leaves it out, the markets' one. */
  readonly positions_updated: Timestamp;
}

/** Rows this near to a cutoff are asked for in both tiers, and merged by key. */
export const OVERLAP = DAY;

/**
 * Reads the cutoffs. They move forward by about a day each day.
 *
 * @throws KalshiError `BAD_RECORD`, and what {@link Client.json} throws
 * @see GET /historical/cutoff
 */
export async function readCutoffs(client: Client, signal?: AbortSignal): Promise<Cutoffs> {
  const answer = asObject("cutoff", await client.json({ path: "/historical/cutoff", access: "public", signal }));
  const market_settled = timeOf(answer.market_settled_ts, "market_settled_ts");
  return {
    market_settled,
    trades_created: timeOf(answer.trades_created_ts, "trades_created_ts"),
    orders_updated: timeOf(answer.orders_updated_ts, "orders_updated_ts"),
    positions_updated:
      answer.market_positions_last_updated_ts === undefined
        ? market_settled
        : timeOf(answer.market_positions_last_updated_ts, "market_positions_last_updated_ts"),
  };
}

function timeOf(value: unknown, field: string): Timestamp {
  if (typeof value === "string") return parseTime(value);
  throw new KalshiError(
    "BAD_RECORD",
    `cutoff: field \`${field}\` should be an RFC 3339 time, was ${JSON.stringify(value)}`,
    {
      hint: "without the cutoff no tier can be chosen; if the exchange changed its shape, update this library",
      context: { field },
    },
  );
}
