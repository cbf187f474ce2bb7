import { type Count, formatCount } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { ExactSum, product, toMicros } from "../../units/sum.js";
import { formatTime, type Timestamp } from "../../units/time.js";
import type { FillColumns } from "../read-fills.js";
import { type CostMethod, decimalsOf, type Holding, openHolding } from "./lots.js";
import type { Settled } from "./settlement-value.js";

/** Profit of one market, money in integers of `10^-decimals` dollars. */
export interface MarketProfit {
  readonly ticker: string;
  /** Over all subaccounts, YES positive. */
  readonly position: Count;
  readonly mark: Price | null;
  readonly realized: bigint;
  /** Null while a position is open and no mark is known. */
  readonly unrealized: bigint | null;
  readonly fees: bigint;
  readonly net: bigint;
  /** What fills and settlement paid, before fees, a NO being a YES sold. */
  readonly cash: bigint;
  /** Position at its mark; at its cost where there is none. */
  readonly value: bigint;
  /** What the open position cost, each side in its own price. */
  readonly exposure: bigint;
  readonly fills: number;
}

/** One step of the account: a fill or a settlement, with running totals in micro-dollars. */
export interface Steps {
  readonly time: Timestamp[];
  readonly ticker: string[];
  readonly what: ("fill" | "settlement")[];
  readonly realized: number[];
  readonly fees: number[];
  readonly net: number[];
}

/** Everything booked: see {@link account}. */
export interface Account {
  readonly decimals: number;
  readonly markets: readonly MarketProfit[];
  readonly total: Omit<MarketProfit, "ticker" | "position" | "mark">;
  readonly steps: Steps;
  /** By row of the fills: position of that market and subaccount after it, profit it realized, running net of everything; µ$. */
  readonly perFill: { readonly position: Float64Array; readonly realized: Float64Array; readonly net: Float64Array };
  readonly unmarked: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Books fills in order and settlements behind the last fill of their market.
 *
 * A settlement of unknown value leaves its position open, with a note; so does no settlement at all.
 */
export function account(
  fills: FillColumns,
  settled: ReadonlyMap<string, Settled>,
  method: CostMethod,
  marks: ReadonlyMap<string, Price>,
): Account {
  const decimals = decimalsOf[method];
  const markets = new Map<string, Market>();
  const running = new Running(decimals);
  const perFill = {
    position: new Float64Array(fills.length),
    realized: new Float64Array(fills.length),
    net: new Float64Array(fills.length),
  };
  for (let row = 0; row < fills.length; row += 1) {
    const ticker = fills.ticker[row]!;
    found(markets, ticker, newMarket).lastFill = fills.time[row]!;
  }
  const due = dueSettlements(markets, settled);
  let next = 0;
  for (let row = 0; row < fills.length; row += 1) {
    const time = fills.time[row]!;
    while (next < due.length && due[next]!.time < time) settle(due[next++]!, running);
    const market = markets.get(fills.ticker[row]!)!;
    const [quantity, price, fee] = [fills.quantity[row]!, fills.price[row]!, fills.fee[row]!];
    const holding = found(market.holdings, fills.account[row]!, () => openHolding(method));
    const realized = holding.book(quantity, price);
    market.realized.add(realized);
    market.fees.add(fee);
    market.cash.addProduct(-price, quantity);
    market.fills += 1;
    running.step(time, market.ticker, "fill", realized, fee);
    perFill.position[row] = holding.position;
    perFill.realized[row] = toMicros(realized, decimals);
    perFill.net[row] = running.steps.net.at(-1)!;
  }
  while (next < due.length) settle(due[next++]!, running);
  const closed = [...markets.values()]
    .sort((a, b) => (a.ticker < b.ticker ? -1 : 1))
    .map((market) => close(market, marks, decimals));
  return {
    decimals,
    markets: closed,
    total: addUp(closed),
    steps: running.steps,
    perFill,
    unmarked: closed.filter((market) => market.unrealized === null).map((market) => market.ticker),
    notes: notesOf(fills, markets, settled),
  };
}

interface Market {
  readonly ticker: string;
  readonly holdings: Map<number, Holding>;
  readonly realized: ExactSum;
  /** micro-dollars */
  readonly fees: ExactSum;
  /** 1e-8 dollars */
  readonly cash: ExactSum;
  fills: number;
  lastFill: Timestamp;
  /** What the fills say was held when it settled. */
  settledPosition: Count;
}

interface Due {
  readonly time: Timestamp;
  readonly value: Price;
  readonly market: Market;
}

class Running {
  readonly steps: Steps = { time: [], ticker: [], what: [], realized: [], fees: [], net: [] };
  readonly #realized = new ExactSum();
  readonly #fees = new ExactSum();
  readonly #net = new ExactSum();
  readonly #decimals: number;
  readonly #finer: number | bigint;

  constructor(decimals: number) {
    this.#decimals = decimals;
    this.#finer = decimals > 8 ? 10n ** BigInt(decimals - 6) : 10 ** (decimals - 6);
  }

  step(time: Timestamp, ticker: string, what: "fill" | "settlement", realized: number | bigint, fee: Price): void {
    const finer = this.#finer;
    this.#realized.add(realized);
    this.#fees.add(fee);
    this.#net.add(realized);
    this.#net.add(typeof finer === "bigint" ? -BigInt(fee) * finer : product(-fee, finer));
    const { steps } = this;
    steps.time.push(time);
    steps.ticker.push(ticker);
    steps.what.push(what);
    steps.realized.push(toMicros(this.#realized.read(), this.#decimals));
    steps.fees.push(toMicros(this.#fees.read(), 6));
    steps.net.push(toMicros(this.#net.read(), this.#decimals));
  }
}

/** The value of a key, made where there is none yet. */
function found<K, V>(map: Map<K, V>, key: K, make: (key: K) => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make(key);
    map.set(key, value);
  }
  return value;
}

function newMarket(ticker: string): Market {
  const sums = { realized: new ExactSum(), fees: new ExactSum(), cash: new ExactSum() };
  return { ticker, holdings: new Map(), ...sums, fills: 0, lastFill: Number.NEGATIVE_INFINITY, settledPosition: 0 };
}

/** Settlements of the markets traded, by time; never before a market's last fill, whatever the clocks say. */
function dueSettlements(markets: ReadonlyMap<string, Market>, settled: ReadonlyMap<string, Settled>): Due[] {
  const due: Due[] = [];
  for (const { ticker, time, value } of settled.values()) {
    const market = markets.get(ticker);
    if (market !== undefined && value !== null) due.push({ time: Math.max(time, market.lastFill), value, market });
  }
  return due.sort((a, b) => a.time - b.time || (a.market.ticker < b.market.ticker ? -1 : 1));
}

function settle({ time, value, market }: Due, running: Running): void {
  for (const holding of market.holdings.values()) {
    const held = holding.position;
    if (held === 0) continue;
    market.settledPosition += held;
    const realized = holding.book(-held, value);
    market.realized.add(realized);
    market.cash.addProduct(value, held);
    running.step(time, market.ticker, "settlement", realized, 0);
  }
}

function close(market: Market, marks: ReadonlyMap<string, Price>, decimals: number): MarketProfit {
  const finer = 10n ** BigInt(decimals - 8);
  const realized = market.realized.value();
  const fees = market.fees.value() * 10n ** BigInt(decimals - 6);
  let position = 0;
  let cost = 0n;
  let exposure = 0n;
  for (const holding of market.holdings.values()) {
    position += holding.position;
    const signed = holding.cost();
    cost += signed;
    // A NO held at p cost $1 − p a contract; `signed` has it as a YES sold at p.
    exposure += signed + (holding.position < 0 ? BigInt(product(-holding.position, DOLLAR)) * finer : 0n);
  }
  const open = [...market.holdings.values()].some((holding) => holding.position !== 0);
  const mark = marks.get(market.ticker) ?? null;
  const marked = mark === null ? null : BigInt(product(position, mark)) * finer;
  const unrealized = open ? (marked === null ? null : marked - cost) : 0n;
  return {
    ticker: market.ticker,
    position,
    mark: open ? mark : null,
    realized,
    unrealized,
    fees,
    net: realized + (unrealized ?? 0n) - fees,
    cash: market.cash.value() * finer,
    value: open ? (marked ?? cost) : 0n,
    exposure,
    fills: market.fills,
  };
}

function addUp(markets: readonly MarketProfit[]): Omit<MarketProfit, "ticker" | "position" | "mark"> {
  const sum = (pick: (market: MarketProfit) => bigint) => markets.reduce((total, market) => total + pick(market), 0n);
  return {
    realized: sum((market) => market.realized),
    unrealized: sum((market) => market.unrealized ?? 0n),
    fees: sum((market) => market.fees),
    net: sum((market) => market.net),
    cash: sum((market) => market.cash),
    value: sum((market) => market.value),
    exposure: sum((market) => market.exposure),
    fills: markets.reduce((total, market) => total + market.fills, 0),
  };
}

function notesOf(
  fills: FillColumns,
  markets: ReadonlyMap<string, Market>,
  settled: ReadonlyMap<string, Settled>,
): string[] {
  const notes: string[] = [];
  if (fills.duplicates > 0) notes.push(`${fills.duplicates} fills came twice and were counted once`);
  for (const [ticker, { value, position, inCents, time }] of settled) {
    const ours = markets.get(ticker)?.settledPosition ?? 0;
    if (value === null) {
      notes.push(
        `${ticker}: settled ${formatTime(time)} at a value the record does not give; its position is still open here`,
      );
    } else if (ours !== position) {
      notes.push(
        `${ticker}: the exchange settled a position of ${formatCount(position)}, the fills given make ${formatCount(ours)}`,
      );
    } else if (inCents && ours !== 0) {
      notes.push(`${ticker}: settled by a value in whole cents; give \`markets\` for the exact one`);
    }
  }
  return notes;
}
