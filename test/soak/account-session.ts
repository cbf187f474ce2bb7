import { randomUUID } from "node:crypto";
import type { ColumnTable } from "arquero";
import { feesOf, type Precision } from "../../src/analysis/fees/fees-of.js";
import { reconcile } from "../../src/analysis/profit/reconcile.js";
import { KalshiError } from "../../src/errors.js";
import type { Event } from "../../src/exchange/event.js";
import type { Market } from "../../src/exchange/market.js";
import { rawOf } from "../../src/frames/exact.js";
import type { Lab } from "../../src/lab/lab.js";
import type { OrderRequest } from "../../src/lab/order-request.js";
import { Random } from "../../src/sandbox/world/random.js";
import { formatPrice, type Price, parsePrice } from "../../src/units/price.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";

/** What a random session of an account came to. */
export interface AccountSession {
  readonly seed: string;
  readonly fills: number;
  readonly amended: number;
  readonly settled: number;
  readonly refused: number;
  /** Figures of ours that were compared with the exchange's, all of them equal. */
  readonly figures: number;
  /** Fills whose fee by our model is the reported one, to the last decimal. */
  readonly fees: number;
  /** The most collateral that netting had returned at a check, in dollars. */
  readonly returned: number;
}

const SERIES = ["AVONHIGH", "NORIDX", "SANDBOX"] as const;
const OPENING = "10000";
const STEPS = 60;
/** Steps after which everything is compared. */
const CHECK_EVERY = 20;

/**
 * A random session on a sandbox of that seed: orders that take and rest in two subaccounts, amended, decreased and cancelled, markets that are
 * settled by yes, no and by a scalar value, NO held across markets that exclude each other. Thrice within it our figures from fills and
 * settlements are held against the exchange's positions, settlements and balance.
 *
 * @throws Error naming the seed and the first differences
 */
export async function accountSession(seed: string, steps = STEPS): Promise<AccountSession> {
  const random = new Random(`${seed}/account`);
  const precision: Precision = random.chance(0.5) ? "0.0001" : "0.01";
  // The clock stands, so that a seed says what happens; it is moved step by step, and then makers and takers do their part.
  const both = await labAndSandbox({
    seed,
    speed: 0,
    precision: parsePrice(precision),
    tier: "prestige",
    weeklyPause: false,
  });
  try {
    const session = new Session(both, random, precision);
    await session.open();
    for (let step = 1; step <= steps; step += 1) {
      await session.step();
      if (step % CHECK_EVERY === 0) await session.check();
    }
    return { seed, ...session.told };
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  } finally {
    await both.close();
  }
}

interface Resting {
  readonly id: string;
  readonly order: OrderRequest;
}

class Session {
  readonly #lab: Lab;
  readonly #control: string;
  readonly #random: Random;
  readonly #precision: Precision;
  #markets: readonly Market[] = [];
  #events: readonly Event[] = [];
  readonly #resting: Resting[] = [];
  readonly told = { fills: 0, amended: 0, settled: 0, refused: 0, figures: 0, fees: 0, returned: 0 };

  constructor({ lab, sandbox }: LabAndSandbox, random: Random, precision: Precision) {
    this.#lab = lab;
    this.#control = sandbox.ready.control_url;
    this.#random = random;
    this.#precision = precision;
  }

  async open(): Promise<void> {
    const { api } = this.#lab;
    await api.createSubaccount({});
    const transfer = { client_transfer_id: randomUUID(), from_subaccount: 0, to_subaccount: 1, amount_cents: 200_000 };
    await api.applySubaccountTransfer(transfer);
    const markets: Market[] = [];
    for (const series_ticker of SERIES)
      for await (const page of api.getMarkets.pages({ series_ticker, status: "open" })) markets.push(...page.markets);
    this.#markets = markets;
    const events: Event[] = [];
    for (const series_ticker of SERIES)
      for await (const page of api.getEvents.pages({ series_ticker })) events.push(...page.events);
    this.#events = events;
  }

  /** One thing that an account, or the exchange, does. */
  async step(): Promise<void> {
    // Two orders of one microsecond could not be told apart.
    await this.#advance(1);
    const dice = this.#random.next();
    try {
      if (dice < 0.55) await this.#place();
      else if (dice < 0.65) await this.#amend();
      else if (dice < 0.72) await this.#decrease();
      else if (dice < 0.78) await this.#cancel();
      else if (dice < 0.86) await this.#settle();
      else await this.#advance(this.#random.integer(5, 120));
    } catch (error) {
      // Without money, on a closed market, an order that was filled meanwhile: a session has those too.
      if (!(error instanceof KalshiError) || (error.code !== "ORDER_REFUSED" && error.code !== "NOT_FOUND"))
        throw error;
      this.told.refused += 1;
    }
  }

  async #place(): Promise<void> {
    const market = this.#pick(this.#markets);
    const side = this.#random.chance(0.35) ? "bid" : "ask";
    const { yes_bid, yes_ask } = (await this.#lab.api.getMarket({ ticker: market.ticker })).market;
    // At the other side's best, behind it, or a little into the book.
    const best = side === "bid" ? yes_ask : yes_bid;
    const price = onGrid(best + 1_000 * this.#random.integer(-20, 40) * (side === "bid" ? 1 : -1), market);
    const order: OrderRequest = {
      ticker: market.ticker,
      side,
      count: (this.#random.integer(1, 6_000) / 100).toFixed(2),
      price: formatPrice(price),
      subaccount: this.#random.chance(0.25) ? 1 : 0,
      ...(this.#random.chance(0.2) ? { timeInForce: "immediate_or_cancel" as const } : {}),
    };
    const placed = await this.#lab.trading.place(order);
    if (placed.remaining_count > 0 && order.timeInForce === undefined)
      this.#resting.push({ id: placed.order_id, order });
  }

  async #amend(): Promise<void> {
    const resting = this.#one();
    if (resting === undefined) return;
    const { ticker, side, subaccount, price } = resting.order;
    const market = this.#markets.find((one) => one.ticker === ticker);
    if (market === undefined) return;
    const moved = onGrid(parsePrice(String(price)) + 1_000 * this.#random.integer(-40, 40), market);
    const count = (this.#random.integer(100, 8_000) / 100).toFixed(2);
    await this.#lab.trading.amend(resting.id, { ticker, side, subaccount, count, price: formatPrice(moved) });
    this.told.amended += 1;
  }

  async #decrease(): Promise<void> {
    const resting = this.#one();
    if (resting === undefined) return;
    const { ticker, subaccount } = resting.order;
    await this.#lab.trading.decrease(resting.id, { ticker, subaccount, reduceBy: "0.50" });
  }

  async #cancel(): Promise<void> {
    const resting = this.#one();
    if (resting === undefined) return;
    this.#resting.splice(this.#resting.indexOf(resting), 1);
    const { ticker, subaccount } = resting.order;
    await this.#lab.trading.cancel(resting.id, { ticker, subaccount });
  }

  /** Closes a market that something is held in, and has it paid. */
  async #settle(): Promise<void> {
    const held = (await this.#positions()).filter(({ position }) => position !== 0).map(({ ticker }) => ticker);
    const open = this.#markets.filter(({ ticker }) => held.includes(ticker));
    if (open.length === 0 || this.#markets.length <= 4) return;
    const { ticker, event_ticker } = this.#pick(open);
    const dice = this.#random.next();
    // Where markets exclude each other not two of them win.
    const isTaken = (await this.#lab.api.getMarkets({ event_ticker })).markets.some(
      ({ settlement_value }) => (settlement_value ?? 0) > 0,
    );
    const scalar = {
      result: "scalar",
      settlement_value: `0.${this.#random.integer(10, 99)}${this.#random.integer(0, 99)}`,
    };
    const result = isTaken || dice < 0.4 ? { result: "no" } : dice < 0.7 ? { result: "yes" } : scalar;
    await this.#post(`/markets/${ticker}/close-early`);
    await this.#post(`/markets/${ticker}/determine`, result);
    this.#markets = this.#markets.filter((market) => market.ticker !== ticker);
    for (let hours = 0; hours < 48; hours += 1) {
      const { market } = await this.#lab.api.getMarket({ ticker });
      if (market.status === "finalized") break;
      await this.#advance(600);
    }
    this.told.settled += 1;
  }

  async #positions(): Promise<readonly { ticker: string; position: number }[]> {
    const found: { ticker: string; position: number }[] = [];
    for (const subaccount of [0, 1])
      for await (const { market_positions } of this.#lab.api.getPositions.pages({ subaccount, limit: 1_000 }))
        found.push(...market_positions);
    return found;
  }

  async #advance(seconds: number): Promise<void> {
    await this.#post(`/clock?by=${seconds}`);
  }

  /** Holds our figures against the exchange's. */
  async check(): Promise<void> {
    const lab = this.#lab;
    for (const subaccount of [0, 1]) await lab.trading.cancelAll({ subaccount });
    this.#resting.length = 0;
    const [fills, positions, settlements] = await Promise.all([lab.fills(), lab.positions(), lab.settlements()]);
    const tickers = [...new Set(fills.array("ticker") as string[])];
    const markets = await lab.markets({ tickers });
    const { subaccount_balances } = await lab.api.getSubaccountBalances({});
    const actual = subaccount_balances.reduce((sum, { balance }) => sum + balance, 0);
    const { figures, differences, agrees, returnedCollateral } = reconcile({
      ...{ fills, positions, settlements, markets, events: this.#events, precision: this.#precision },
      balance: { actual: formatPrice(actual), moved: OPENING },
    });
    await this.#checkFees(fills);
    this.told.fills = fills.numRows();
    this.told.figures += figures.numRows();
    this.told.returned = Math.max(this.told.returned, returnedCollateral?.toNumber() ?? 0);
    if (agrees) return;
    const shown = differences.objects({ limit: 5 }).map((row) => JSON.stringify(row));
    throw new Error(`${differences.numRows()} figures differ by ${this.#precision}:\n${shown.join("\n")}`);
  }

  /** Holds the fee of each fill by our model against the reported one, by the schedule in force at its time. */
  async #checkFees(fills: ColumnTable): Promise<void> {
    const terms = await this.#lab.fees.calendar({ tickers: [...new Set(fills.array("ticker") as string[])] });
    // The sandbox charges by the current rule, also at a time when the exchange had another.
    const told = feesOf(fills, { terms, precision: this.#precision, rule: "current" });
    const [difference, fee] = [rawOf(told, "difference"), rawOf(told, "fee")];
    const row = difference.findIndex((one) => one !== 0);
    if (row >= 0)
      throw new Error(`a fee of ours is another one by ${this.#precision}: ${JSON.stringify(told.object(row))}`);
    this.told.fees = fee.filter((one) => one !== null).length;
  }

  async #post(path: string, body?: object): Promise<void> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const answer = await fetch(`${this.#control}${path}`, { method: "POST", ...init });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  }

  #one(): Resting | undefined {
    return this.#resting.length === 0 ? undefined : this.#pick(this.#resting);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.integer(0, list.length - 1)]!;
  }
}

/** The nearest price that the market takes, between a cent and 99. */
function onGrid(price: Price, { price_level_structure }: Market): Price {
  const within = Math.min(990_000, Math.max(10_000, price));
  const isFine =
    price_level_structure === "deci_cent" ||
    (price_level_structure === "tapered_deci_cent" && (within < 100_000 || within > 900_000));
  const step = isFine ? 1_000 : 10_000;
  return Math.round(within / step) * step;
}
