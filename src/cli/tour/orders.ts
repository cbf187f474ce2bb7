import { setTimeout as wait } from "node:timers/promises";
import { pnl } from "../../analysis/profit/pnl.js";
import { KalshiError } from "../../errors.js";
import { rawOf } from "../../frames/exact.js";
import type { Lab } from "../../lab/lab.js";
import { complement, formatPrice } from "../../units/price.js";
import type { Board } from "./board.js";
import { type Kept, keep } from "./keep.js";

const ROUNDS = 8;
const EVERY_MS = 2_500;
const CONTRACTS = "5";

/**
 * A short session of orders in one live market: a bid that rests, buys and sells that take, and what still rests withdrawn at the end.
 * What it earns or loses is up to the makers.
 */
export async function tradeAWhile(lab: Lab, ticker: string, board: Board, signal: AbortSignal): Promise<void> {
  const resting: string[] = [];
  let fills = 0;
  let placed = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { bid, ask } = await bestOf(lab, ticker);
    board.tell(
      "orders",
      `${placed} placed, ${fills} filled at once · best ${bid ?? "none"} / ${ask ?? "none"} · ${ticker}`,
    );
    const side = round % 2 === 0 ? "bid" : "ask";
    const price = side === "bid" ? ask : bid;
    if (price !== null) {
      const order = await lab.trading.place({
        ticker,
        side,
        count: CONTRACTS,
        price,
        timeInForce: "immediate_or_cancel",
      });
      placed += 1;
      if (order.fill_count > 0) fills += 1;
    }
    if (bid !== null && round % 4 === 0) {
      resting.push(...(await restAt(lab, ticker, bid)));
      placed += 1;
    }
    await wait(EVERY_MS, undefined, { signal });
  }
  const withdrawn = await withdraw(lab, resting);
  board.end("orders", `${placed} placed in ${ticker}, ${fills} filled at once, ${withdrawn} withdrawn`);
}

/** Profit of all the account's fills, exact. */
export interface AccountProfit {
  readonly net: string;
  readonly fees: string;
  readonly fills: number;
}

/** Saves what the account did, and works out what it earned. */
export async function saveAccount(
  lab: Lab,
  dir: string,
  signal: AbortSignal,
): Promise<{ kept: readonly Kept[]; profit: AccountProfit }> {
  const ask = { signal, onProgress: () => undefined };
  const kept = [
    await keep(lab.fills(ask), `${dir}/fills`, true),
    await keep(lab.orders(ask), `${dir}/orders`, true),
    await keep(lab.settlements(ask), `${dir}/settlements`, true),
  ];
  const [fills, settlements] = await Promise.all([lab.fills(ask).table(), lab.settlements(ask).table()]);
  // Settlements are in whole cents; the markets themselves say exactly what they paid.
  const markets = await lab.markets({ tickers: [...new Set(fills.array("ticker") as string[])], ...ask });
  const { total } = pnl({ fills, settlements, markets }).toJSON();
  return { kept, profit: { net: total.net, fees: total.fees, fills: fills.numRows() } };
}

async function bestOf(lab: Lab, ticker: string): Promise<{ bid: string | null; ask: string | null }> {
  const book = await lab.orderbook({ ticker });
  const best = (side: "yes" | "no"): number | null => {
    const sides = book.array("side") as string[];
    const prices = rawOf(book, "price").filter((price, row): price is number => price !== null && sides[row] === side);
    return prices.length === 0 ? null : Math.max(...prices);
  };
  const [yes, no] = [best("yes"), best("no")];
  return { bid: yes === null ? null : formatPrice(yes), ask: no === null ? null : formatPrice(complement(no)) };
}

/** A bid that must not take; when the market has moved below it meanwhile, none. */
async function restAt(lab: Lab, ticker: string, price: string): Promise<string[]> {
  try {
    return [(await lab.trading.place({ ticker, side: "bid", count: CONTRACTS, price, postOnly: true })).order_id];
  } catch (error) {
    if (error instanceof KalshiError && error.code === "ORDER_REFUSED") return [];
    throw error;
  }
}

async function withdraw(lab: Lab, orders: readonly string[]): Promise<number> {
  let withdrawn = 0;
  for (const order of orders) {
    try {
      await lab.trading.cancel(order);
      withdrawn += 1;
    } catch (error) {
      // It was filled in the meantime.
      if (!(error instanceof KalshiError) || error.code !== "NOT_FOUND") throw error;
    }
  }
  return withdrawn;
}
