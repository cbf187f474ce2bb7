import type { BookEvent } from "../book/event.js";
import { ExchangeClock } from "../book/exchange-clock.js";
import type { Trade } from "../exchange/trade.js";
import { complement } from "../units/price.js";
import { itemwise, none } from "./stage.js";
import { type Transform, transform } from "./transform.js";

/** The public trades of the channel as REST has them, so that they stand in one table with those downloaded. */
export function trades(): Transform<BookEvent, Trade> {
  return transform(() => {
    const clock = new ExchangeClock();
    return itemwise((event: BookEvent) => {
      if (event.time !== null) clock.heard(event.time, event.receivedAt);
      if (event.type !== "trade") return none;
      const { time, ticker, yes_price, count, taker_outcome_side, taker_book_side, is_block_trade } = event;
      const trade: Trade = {
        created_time: time ?? clock.estimate(event.receivedAt),
        ticker,
        yes_price,
        no_price: event.no_price ?? complement(yes_price),
        count,
        taker_outcome_side,
        taker_book_side,
        taker_side: null,
        is_block_trade,
        trade_id: event.trade_id,
        extra: event.extra,
      };
      return [trade];
    });
  });
}
