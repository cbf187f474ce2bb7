import type { ColumnTable } from "arquero";
import { tradeFields } from "../src/exchange/trade.js";
import { tableBuilder } from "../src/frames/builder.js";
import { Random } from "../src/sandbox/world/random.js";
import { CONTRACT } from "../src/units/count.js";
import { CENT, DOLLAR } from "../src/units/price.js";

const CHUNK = 100_000;
const MARKETS = 200;
const BEGUN = Date.UTC(2026, 0, 1) * 1000;

/** So many generated trades of two hundred markets as a table, oldest first: made directly, no exchange is asked. */
export function madeTrades(rows: number): ColumnTable {
  const random = new Random("made trades");
  const builder = tableBuilder("trade", tradeFields);
  let time = BEGUN;
  for (let done = 0; done < rows; done += CHUNK) {
    builder.addRecords(
      Array.from({ length: Math.min(CHUNK, rows - done) }, () => {
        time += Math.floor(random.next() * 400_000);
        return madeTrade(random, time);
      }),
    );
  }
  return builder.finish();
}

function madeTrade(random: Random, created_time: number): Record<string, unknown> {
  const yes_price = CENT * (1 + Math.floor(random.next() * 99));
  const isYes = random.next() < 0.5;
  return {
    created_time,
    ticker: `BENCH-26NOV27-T${Math.floor(random.next() ** 2 * MARKETS)}`,
    yes_price,
    no_price: DOLLAR - yes_price,
    count: CONTRACT * (1 + Math.floor(random.next() ** 4 * 500)),
    taker_outcome_side: isYes ? "yes" : "no",
    taker_book_side: isYes ? "bid" : "ask",
    taker_side: isYes ? "yes" : "no",
    is_block_trade: false,
    trade_id: madeId(random),
  };
}

function madeId(random: Random): string {
  const part = (digits: number): string =>
    Math.floor(random.next() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  return `${part(8)}-${part(4)}-4${part(3)}-8${part(3)}-${part(6)}${part(6)}`;
}
