import type { Count } from "../../units/count.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { difference, product } from "../../units/sum.js";
import type { FillColumns } from "../fill-columns.js";
import { type Due, inOrder } from "./bookings.js";
import { found } from "./found.js";
import { type CostMethod, closedBy, decimalsOf } from "./lots.js";
import { notesOf } from "./notes.js";
import type { Settled } from "./settlement-value.js";
import { type PerFill, Steps } from "./steps.js";
import { Peak, Position } from "./tally.js";

/** Profit of something, money in integers of `10^-decimals` dollars. */
export interface Sums {
  readonly realized: bigint;
  /** Null while a position is open and no mark is known. */
  readonly unrealized: bigint | null;
  readonly fees: bigint;
  readonly net: bigint;
  /** What opening cost, each side in its own price. */
  readonly paid: bigint;
  /** What closing brought, before settlement. */
  readonly received: bigint;
  readonly settled: bigint;
  /** What is held, each side at its mark; at its cost where there is none. */
  readonly value: bigint;
  /** What the open positions cost, and the most that was at any time. */
  readonly exposure: bigint;
  readonly peak: bigint;
  readonly fills: number;
}

/** Profit of one market and subaccount. */
export interface PositionProfit extends Sums {
  readonly ticker: string;
  readonly subaccount: number;
  /** YES positive. */
  readonly position: Count;
  readonly mark: Price | null;
  /** All money traded, each fill at the price of the side that it made longer. */
  readonly traded: bigint;
  /** What was held when the market settled, and what that had cost. */
  readonly settledPosition: Count;
  readonly settledCost: bigint;
}

/** Profit of one market over all subaccounts. */
export interface MarketProfit extends Sums {
  readonly ticker: string;
  readonly position: Count;
  readonly mark: Price | null;
}

export interface EventProfit extends Sums {
  /** Null for markets of which no record tells the event. */
  readonly event: string | null;
  readonly markets: number;
}

/** Everything booked: see {@link account}. */
export interface Account {
  readonly decimals: number;
  readonly positions: readonly PositionProfit[];
  readonly markets: readonly MarketProfit[];
  readonly events: readonly EventProfit[];
  readonly total: Sums;
  readonly steps: Steps;
  readonly perFill: PerFill;
  readonly unmarked: readonly string[];
  readonly notes: readonly string[];
}

/** What an account is booked from. */
export interface Booked {
  readonly fills: FillColumns;
  readonly settled: ReadonlyMap<string, Settled>;
  readonly method: CostMethod;
  readonly marks: ReadonlyMap<string, Price>;
  /** Events by market, as far as they are known. */
  readonly events: ReadonlyMap<string, string>;
}

/**
 * Books fills in order and settlements behind the last fill of their market.
 *
 * A settlement of unknown value leaves its position open, with a note; so does no settlement at all.
 */
export function account({ fills, settled, method, marks, events }: Booked): Account {
  const decimals = decimalsOf[method];
  const markets: (Market | undefined)[] = fills.tickers.map(() => undefined);
  const byEvent = new Map<string | null, Peak>();
  const exposure = new Peak();
  const steps = new Steps(decimals, fills.length);
  let openingSells = 0;
  const move = (market: Market, position: Position, change: number | bigint): void => {
    position.exposure.move(change);
    market.exposure.move(change);
    market.ofEvent.move(change);
    exposure.move(change);
  };
  const marketOf = (number: number): Market => {
    const ticker = fills.tickers[number]!;
    const event = events.get(ticker) ?? null;
    const ofEvent = found(byEvent, event, () => new Peak());
    const market = { ticker, event, positions: new Map(), exposure: new Peak(), ofEvent };
    markets[number] = market;
    return market;
  };
  const onFill = (row: number): void => {
    const number = fills.market[row]!;
    const market = markets[number] ?? marketOf(number);
    const subaccount = fills.account[row]!;
    const position = market.positions.get(subaccount) ?? positionOf(market, subaccount, method);
    if (fills.sells?.[row] === 1 && opens(position.holding.position, fills.quantity[row]!)) openingSells += 1;
    const before = position.holding.exposure();
    const fee = fills.fee[row]!;
    const realized = position.fill(fills.quantity[row]!, fills.price[row]!, fee);
    move(market, position, difference(position.holding.exposure(), before));
    steps.fill(row, fills.time[row]!, number, realized, fee, exposure.now);
    steps.perFill.position[row] = position.holding.position;
  };
  const onSettlement = ({ market: number, time, value }: Due): void => {
    const market = markets[number]!;
    for (const position of market.positions.values()) {
      if (position.holding.position === 0) continue;
      const before = position.holding.exposure();
      const realized = position.settle(value);
      move(market, position, -before);
      steps.settlement(time, number, realized, exposure.now);
    }
  };
  inOrder(fills, settled, onFill, onSettlement);
  const traded = markets.filter((market) => market !== undefined);
  const byTicker = new Map(traded.map((market) => [market.ticker, market]));
  return summedUp({ markets: traded, byEvent, exposure, marks, decimals }, (closed) => ({
    steps,
    perFill: steps.perFill,
    unmarked: closed.filter((market) => market.unrealized === null).map((market) => market.ticker),
    notes: notesOf(fills, settled, {
      settledPosition: (ticker) => settledPosition(byTicker.get(ticker)),
      openingSells,
    }),
  }));
}

interface Market {
  readonly ticker: string;
  readonly event: string | null;
  readonly positions: Map<number, Position>;
  readonly exposure: Peak;
  readonly ofEvent: Peak;
}

function opens(held: Count, quantity: Count): boolean {
  return closedBy(held, quantity) < Math.abs(quantity);
}

function positionOf(market: Market, subaccount: number, method: CostMethod): Position {
  const position = new Position(market.ticker, subaccount, method);
  market.positions.set(subaccount, position);
  return position;
}

function settledPosition(market: Market | undefined): Count {
  let sum = 0;
  for (const position of market?.positions.values() ?? []) sum += position.settledPosition;
  return sum;
}

interface Books {
  readonly markets: readonly Market[];
  readonly byEvent: ReadonlyMap<string | null, Peak>;
  readonly exposure: Peak;
  readonly marks: ReadonlyMap<string, Price>;
  readonly decimals: number;
}

function summedUp(
  { markets, byEvent, exposure, marks, decimals }: Books,
  rest: (closed: readonly MarketProfit[]) => Pick<Account, "steps" | "perFill" | "unmarked" | "notes">,
): Account {
  const all: PositionProfit[] = [];
  const closed: MarketProfit[] = [];
  const ofEvents = new Map<string | null, MarketProfit[]>();
  for (const market of markets.toSorted((a, b) => (a.ticker < b.ticker ? -1 : 1))) {
    const mark = marks.get(market.ticker) ?? null;
    const positions = [...market.positions.values()]
      .sort((a, b) => a.subaccount - b.subaccount)
      .map((position) => positionProfit(position, mark, decimals));
    const isOpen = positions.some((one) => one.position !== 0);
    const profit = {
      ticker: market.ticker,
      position: positions.reduce((sum, one) => sum + one.position, 0),
      mark: isOpen ? mark : null,
      ...addUp(positions, market.exposure.most),
    };
    all.push(...positions);
    closed.push(profit);
    found(ofEvents, market.event, () => []).push(profit);
  }
  const events = [...ofEvents].map(([event, list]) => ({
    event,
    markets: list.length,
    ...addUp(list, byEvent.get(event)!.most),
  }));
  return {
    decimals,
    positions: all,
    markets: closed,
    events: events.sort((a, b) => ((a.event ?? "") < (b.event ?? "") ? -1 : 1)),
    total: {
      ...addUp(closed, exposure.most),
      unrealized: closed.reduce((sum, one) => sum + (one.unrealized ?? 0n), 0n),
    },
    ...rest(closed),
  };
}

function positionProfit(position: Position, mark: Price | null, decimals: number): PositionProfit {
  const finer = 10n ** BigInt(decimals - 8);
  const held = position.holding.position;
  const exposure = BigInt(position.holding.exposure());
  const realized = position.realized.value();
  const fees = position.fees.value() * 10n ** BigInt(decimals - 6);
  const marked = mark === null ? null : BigInt(held >= 0 ? product(mark, held) : product(DOLLAR - mark, -held)) * finer;
  const unrealized = held === 0 ? 0n : marked === null ? null : marked - exposure;
  return {
    ticker: position.ticker,
    subaccount: position.subaccount,
    position: held,
    mark: held === 0 ? null : mark,
    traded: position.traded.value() * finer,
    settledPosition: position.settledPosition,
    settledCost: BigInt(position.settledCost),
    realized,
    unrealized,
    fees,
    net: realized + (unrealized ?? 0n) - fees,
    paid: position.paid.value() * finer,
    received: position.received.value() * finer,
    settled: position.settled.value() * finer,
    value: held === 0 ? 0n : (marked ?? exposure),
    exposure,
    peak: position.exposure.most,
    fills: position.fills,
  };
}

/** Sums of parts; unrealized is null while it is in one of them. The peak of a sum is not the sum of peaks. */
function addUp(parts: readonly Sums[], peak: bigint): Sums {
  const sum = (pick: (part: Sums) => bigint) => parts.reduce((total, part) => total + pick(part), 0n);
  const isKnown = parts.every((part) => part.unrealized !== null);
  return {
    realized: sum((part) => part.realized),
    unrealized: isKnown ? sum((part) => part.unrealized!) : null,
    fees: sum((part) => part.fees),
    net: sum((part) => part.net),
    paid: sum((part) => part.paid),
    received: sum((part) => part.received),
    settled: sum((part) => part.settled),
    value: sum((part) => part.value),
    exposure: sum((part) => part.exposure),
    peak,
    fills: parts.reduce((total, part) => total + part.fills, 0),
  };
}
