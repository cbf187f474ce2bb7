import type { ColumnTable } from "arquero";
import type { Decimal } from "decimal.js";
import { KalshiError } from "../../errors.js";
import type { Position } from "../../exchange/position.js";
import { decimalOf, rawOf } from "../../frames/exact.js";
import { AMOUNT_DECIMALS, type Amount, amountOf } from "../../units/money.js";
import { CENT, type Price, parsePrice } from "../../units/price.js";
import { toMicros } from "../../units/sum.js";
import { type Precision, precisionOf, priceOf } from "../fees/fees-of.js";
import { objectGiven } from "../given.js";
import { isTable, recordsGiven, tableGiven } from "../given-rows.js";
import { type FillLike, readFills, textsOf } from "../read-fills.js";
import { account, type PositionProfit } from "./account.js";
import { balanceTable } from "./cash.js";
import { type NettedEvent, returnedCollateral } from "./collateral.js";
import { eventsOf } from "./events.js";
import { Figures } from "./figures.js";
import { type KnownMarket, readMarkets } from "./markets.js";
import { readSettlements, recordsOf, type Settled, type SettlementLike } from "./settlement-value.js";

/** What is read of a position of the exchange. */
export type PositionLike = Pick<
  Position,
  "ticker" | "position" | "market_exposure" | "realized_pnl" | "fees_paid" | "total_traded"
> &
  Partial<Pick<Position, "subaccount_number">>;

/** The balance that the exchange reports, and what is needed to work it out. Dollars as text. */
export interface BalanceGiven {
  /** Of all subaccounts together. */
  readonly actual: string;
  /** Paid in less paid out, before and between the fills. */
  readonly moved: string;
  /**
   * Behind resting orders; default none. `unknown` where some rest, of which the exchange does not tell what it has set aside: what is missing
   * from the balance is then taken to be behind them, and the balance is compared only where it is higher than ours.
   */
  readonly resting?: string | "unknown" | undefined;
}

export interface ReconcileInput {
  readonly fills: ColumnTable | Iterable<FillLike>;
  /** Settled ones included: `await lab.positions()`. */
  readonly positions: ColumnTable | Iterable<PositionLike>;
  readonly settlements?: ColumnTable | Iterable<SettlementLike> | undefined;
  readonly markets?: ColumnTable | Iterable<KnownMarket> | undefined;
  /** Events of what is held, where a balance is given. */
  readonly events?: Iterable<NettedEvent> | undefined;
  readonly balance?: BalanceGiven | undefined;
  /** The balance's smallest step; told by the fees unless given. */
  readonly precision?: Precision | undefined;
}

export interface Reconciliation {
  /** Every figure compared, one row each; see {@link reconcile}. */
  readonly figures: ColumnTable;
  /** Those that differ, with the fills behind them. */
  readonly differences: ColumnTable;
  readonly agrees: boolean;
  /** Collateral returned for holdings that cannot all lose, which the balance has in it; null where no balance is given. */
  readonly returnedCollateral: Decimal | null;
  /** How the money paid in becomes the balance, and the actual one below; null where no balance is given. See {@link balanceTable}. */
  readonly cash: ColumnTable | null;
}

/**
 * Our figures from fills and settlements beside the exchange's own: of positions what is held, its cost, realized profit, fees and money
 * traded; of settlements what was held, its cost, payout and fees; and the balance. By average cost, the exchange's method.
 *
 * Columns: `ticker` (null for the balance); `subaccount_number` (null where the exchange does not tell, and our figure is of all of them);
 * `figure` (`position.realized_pnl`, `settlement.revenue`, `balance`, …); `ours`, `theirs`, `difference` = ours − theirs (dollars, or
 * contracts where the figure is a count); `fills`, the ids of the fills behind a difference (JSON), null where there is none. A position that only one
 * side knows is compared with nothing held.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`, `BAD_RECORD`; `BAD_ARGUMENT` when the balance depends on events that are not given
 */
export function reconcile(input: ReconcileInput): Reconciliation {
  objectGiven("what is reconciled", input);
  const fills = readFills(input.fills);
  const theirs = positionRecords(input.positions);
  const markets = readMarkets(input.markets);
  const settlements = input.settlements === undefined ? [] : recordsOf(input.settlements);
  const settled = readSettlements(settlements, markets);
  const events = eventsOf(settlements, markets);
  const { positions } = account({ fills, settled, method: "average", marks: new Map(), events });
  const precision = input.precision === undefined ? precisionOf(fills) : priceOf(input.precision);
  const figures = new Figures(fills);
  comparePositions(figures, positions, theirs, precision);
  compareSettlements(figures, positions, settlements, precision);
  const returned =
    input.balance === undefined
      ? null
      : compareBalance(figures, input.balance, {
          positions,
          settled,
          events,
          nettedEvents: recordsGiven("events", input.events ?? [], ["event_ticker"]),
          precision,
        });
  const { all, differing } = figures.tables();
  return {
    figures: all,
    differences: differing,
    agrees: differing.numRows() === 0,
    returnedCollateral: returned === null ? null : decimalOf(returned.collateral, AMOUNT_DECIMALS),
    cash: returned?.cash ?? null,
  };
}

function comparePositions(
  figures: Figures,
  ours: readonly PositionProfit[],
  theirs: readonly PositionLike[],
  precision: Price,
): void {
  const seen = new Set<PositionProfit>();
  for (const record of theirs) {
    const subaccount = record.subaccount_number ?? null;
    const parts = ours.filter(
      (one) => one.ticker === record.ticker && (subaccount ?? one.subaccount) === one.subaccount,
    );
    for (const part of parts) seen.add(part);
    comparePosition(figures, { ticker: record.ticker, subaccount }, parts, record, precision);
  }
  // A market that the exchange does not list.
  for (const one of ours)
    if (!seen.has(one))
      comparePosition(figures, { ticker: one.ticker, subaccount: one.subaccount }, [one], null, precision);
}

interface Place {
  readonly ticker: string;
  readonly subaccount: number | null;
}

function comparePosition(
  figures: Figures,
  place: Place,
  parts: readonly PositionProfit[],
  record: PositionLike | null,
  precision: Price,
): void {
  const money = (pick: (part: PositionProfit) => bigint): Price => micros(sumOf(parts, pick));
  const add = (figure: string, ours: number, theirs: number | undefined, kind: "contracts" | "dollars" = "dollars") =>
    figures.add({ ...place, figure: `position.${figure}`, ours, theirs: theirs ?? 0, kind });
  add(
    "position",
    parts.reduce((sum, part) => sum + part.position, 0),
    record?.position,
    "contracts",
  );
  add(
    "market_exposure",
    money((part) => part.exposure),
    record?.market_exposure,
  );
  add(
    "realized_pnl",
    money((part) => part.realized),
    record?.realized_pnl,
  );
  add(
    "fees_paid",
    money((part) => part.fees + fine(cutOff(part, precision))),
    record?.fees_paid,
  );
  add(
    "total_traded",
    money((part) => part.traded),
    record?.total_traded,
  );
}

function compareSettlements(
  figures: Figures,
  positions: readonly PositionProfit[],
  settlements: readonly SettlementLike[],
  precision: Price,
): void {
  for (const record of settlements) {
    const { ticker } = record;
    const subaccount = record.subaccount_number ?? null;
    const parts = positions.filter((one) => one.ticker === ticker && (subaccount ?? one.subaccount) === one.subaccount);
    const held = parts.reduce((sum, part) => sum + part.settledPosition, 0);
    const add = (
      figure: string,
      ours: number,
      theirs: number | null | undefined,
      kind: "contracts" | "dollars" = "dollars",
    ) => {
      if (theirs !== null && theirs !== undefined)
        figures.add({ ticker, subaccount, figure: `settlement.${figure}`, ours, theirs, kind });
    };
    const cost = micros(sumOf(parts, (part) => part.settledCost));
    add("yes_count", Math.max(0, held), record.yes_count, "contracts");
    add("no_count", Math.max(0, -held), record.no_count, "contracts");
    add("yes_total_cost", held > 0 ? cost : 0, record.yes_total_cost);
    add("no_total_cost", held < 0 ? cost : 0, record.no_total_cost);
    // The wire cuts the payout to whole cents.
    const paid = sumOf(parts, (part) => part.settled);
    add("revenue", Number(paid / fine(amountOf(CENT))) * CENT, record.revenue);
    add("fee_cost", micros(sumOf(parts, (part) => part.fees + fine(cutOff(part, precision)))), record.fee_cost);
  }
}

interface BalanceParts {
  readonly positions: readonly PositionProfit[];
  readonly settled: ReadonlyMap<string, Settled>;
  readonly events: ReadonlyMap<string, string>;
  readonly nettedEvents: readonly NettedEvent[];
  readonly precision: Price;
}

/** Gives the collateral that was returned, and the balance line by line. */
function compareBalance(
  figures: Figures,
  given: BalanceGiven,
  parts: BalanceParts,
): { readonly collateral: Amount; readonly cash: ColumnTable } {
  const { positions, settled, events, nettedEvents, precision } = parts;
  const holdings = positions.map(({ ticker, subaccount, position }) => ({
    event: events.get(ticker) ?? null,
    subaccount,
    position,
  }));
  const returned = returnedCollateral(holdings, nettedEvents, paidByEvent(settled, events), precision);
  const change = sumOf(
    positions,
    (one) => one.received + one.settled - one.paid - one.fees - fine(cutOff(one, precision)),
  );
  objectGiven("balance", given);
  const [moved, actual] = [dollarsGiven("moved", given.moved), dollarsGiven("actual", given.actual)];
  const free = moved + micros(change + fine(returned));
  const isUnknown = given.resting === "unknown";
  const resting = isUnknown ? Math.max(0, free - actual) : dollarsGiven("resting", given.resting ?? "0");
  const ours = free - resting;
  const place = { ticker: null, subaccount: null, kind: "dollars" as const };
  if (!isUnknown || ours !== actual) figures.add({ ...place, figure: "balance", ours, theirs: actual });
  const cutOffs = sumOf(positions, (one) => fine(cutOff(one, precision)));
  const held = sumOf(positions, (one) => one.exposure);
  const fees = sumOf(positions, (one) => one.fees);
  const cash = balanceTable([
    ["paid in less paid out", moved],
    ["paid to open", -micros(sumOf(positions, (one) => one.paid))],
    ["received for closing", micros(sumOf(positions, (one) => one.received))],
    ["received at settlement", micros(sumOf(positions, (one) => one.settled))],
    ["fees", -micros(fees)],
    ["cut off at settlement", -micros(cutOffs)],
    ["collateral returned", micros(fine(returned))],
    [isUnknown ? "behind resting orders, by what is missing" : "behind resting orders", -resting],
    ["balance worked out", ours],
    ["balance of the exchange", actual],
    ["difference", ours - actual],
    ["cost of what is held", micros(held)],
  ]);
  return { collateral: returned, cash };
}

/** @throws KalshiError `BAD_ARGUMENT`, `BAD_PRICE` */
function dollarsGiven(name: string, text: unknown): Price {
  if (typeof text === "string") return parsePrice(text);
  throw new KalshiError("BAD_ARGUMENT", `balance: no \`${name}\` as text, but ${JSON.stringify(text) ?? "nothing"}`, {
    hint: 'give dollars as text, such as `balance: { actual: "100.50", moved: "100" }`',
    context: { name },
  });
}

/** What YES contracts of each event's settled markets have paid together. */
function paidByEvent(settled: ReadonlyMap<string, Settled>, events: ReadonlyMap<string, string>): Map<string, Price> {
  const paid = new Map<string, Price>();
  for (const { ticker, value } of settled.values()) {
    const event = events.get(ticker);
    if (event !== undefined && value !== null) paid.set(event, (paid.get(event) ?? 0) + value);
  }
  return paid;
}

/** What paying in whole steps of the balance has cut off a settlement. */
function cutOff({ settled }: PositionProfit, precision: Price): Amount {
  return (settled / FINE) % amountOf(precision);
}

const FINE = 10n ** 12n;

function fine(amount: Amount): bigint {
  return amount * FINE;
}

function micros(value: bigint): Price {
  return toMicros(value, 20);
}

function sumOf(parts: readonly PositionProfit[], pick: (part: PositionProfit) => bigint): bigint {
  return parts.reduce((sum, part) => sum + pick(part), 0n);
}

function positionRecords(positions: ColumnTable | Iterable<PositionLike>): readonly PositionLike[] {
  const needed = ["ticker", "position", "market_exposure", "realized_pnl", "fees_paid", "total_traded"] as const;
  if (!isTable(positions)) return recordsGiven("positions", positions, needed, { whole: needed.slice(1) });
  tableGiven("positions", positions, needed);
  const values = (name: string): readonly (number | null)[] => rawOf(positions, name);
  const [position, exposure, realized] = ["position", "market_exposure", "realized_pnl"].map(values);
  const [fees, traded] = ["fees_paid", "total_traded"].map(values);
  const hasSubaccounts = positions.columnNames().includes("subaccount_number");
  const subaccount = hasSubaccounts ? values("subaccount_number") : [];
  return textsOf(positions, "ticker").map((ticker, row) => ({
    ticker: ticker ?? "",
    position: position![row] ?? 0,
    market_exposure: exposure![row] ?? 0,
    realized_pnl: realized![row] ?? 0,
    fees_paid: fees![row] ?? 0,
    total_traded: traded![row] ?? 0,
    subaccount_number: subaccount[row] ?? null,
  }));
}
