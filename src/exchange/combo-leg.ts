import { maybe } from "./field.js";
import { object } from "./shape.js";

/** One market that a combo is made of. @see API: 7.3 Market, `mve_selected_legs` */
export const comboLeg = object({
  event_ticker: maybe("text", "event_ticker", "event of the leg"),
  market_ticker: maybe("text", "market_ticker", "market of the leg"),
  side: maybe("text", "side", "`yes` or `no`: what must come true"),
  yes_settlement_value: maybe(
    "dollars",
    "yes_settlement_value_dollars",
    "payout of one YES contract of the leg, $; null until it is determined",
  ),
});

export type ComboLeg = ReturnType<typeof comboLeg.parse>;
