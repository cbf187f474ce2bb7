import type { BookEvent } from "../book/event.js";
import { ExchangeClock } from "../book/exchange-clock.js";
import type { Trade } from "../exchange/trade.js";
import { complement } from "../units/price.js";
import type { RowMaker } from "./quote-rows.js";

/** Public trades of the channel as REST has them: `created_time` is in whole milliseconds there. */
export function tradeRows(give: (trade: Trade) => void): RowMaker {
  const clock = new ExchangeClock();
  return {
    push(event: BookEvent): void {
      if (event.time !== null) clock.heard(event.time, event.receivedAt);
      if (event.type !== "trade") return;
      const { time, ticker, yes_price, no_price, count, taker_outcome_side, taker_book_side, is_block_trade } = event;
      give({
        created_time: time ?? clock.estimate(event.receivedAt),
        ticker,
        yes_price,
        no_price: no_price ?? complement(yes_price),
        count,
        taker_outcome_side,
        taker_book_side,
        taker_side: null,
        is_block_trade,
        trade_id: event.trade_id,
        extra: event.extra,
      });
    },
    end: () => {},
  };
}
