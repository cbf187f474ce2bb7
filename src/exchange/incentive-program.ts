import { always, maybe, type RecordOf } from "./field.js";

/** Columns of an incentive program: money for quoting or trading one market. @see API: GET /incentive_programs */
export const incentiveProgramFields = {
  market_ticker: always("text", "market_ticker", "market"),
  incentive_type: always("text", "incentive_type", "liquidity, volume, margin_maker_volume or margin_taker_volume"),
  start_time: always("time", "start_date", "when it starts"),
  end_time: always("time", "end_date", "when it ends"),
  period_reward: always(
    "dollars",
    "period_reward",
    "reward of the whole period, $ (centi-cents on the wire)",
    "centicents",
  ),
  max_reward_per_account: maybe(
    "dollars",
    "max_reward_per_account",
    "most that one account gets, $ (centi-cents on the wire)",
    "centicents",
  ),
  target_size: maybe("contracts", "target_size_fp", "contracts to be quoted"),
  discount_factor_bps: maybe(
    "integer",
    "discount_factor_bps",
    "how much less counts further from the best price, 1/10 000",
  ),
  paid_out: always("boolean", "paid_out", "whether it was paid"),
  incentive_description: always("text", "incentive_description", "in words"),
  market_id: always("text", "market_id", "the market's other id"),
  id: always("text", "id", "key of the program"),
};

/** An incentive program. */
export type IncentiveProgram = RecordOf<typeof incentiveProgramFields>;
