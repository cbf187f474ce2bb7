import type { ColumnTable } from "arquero";
import { type Reconciliation, reconcile } from "../analysis/profit/reconcile.js";
import { textsOf } from "../analysis/read-fills.js";
import type { Client } from "../client/http.js";
import { getOrders } from "../exchange/operations/orders.js";
import { getDeposits, getWithdrawals } from "../exchange/operations/portfolio.js";
import { getSubaccountBalances } from "../exchange/operations/subaccounts.js";
import { type Amount, formatAmount, notional } from "../units/money.js";
import { formatPrice, type Price } from "../units/price.js";
import { fetchEvents } from "./fee-calendar.js";
import type { Lab } from "./lab.js";

/** What of an account its own records cannot tell. */
export interface ReconcileAsk {
  /** Money paid in less paid out, $; what the exchange's deposits and withdrawals come to unless given. */
  readonly moved?: string | undefined;
  /** Money behind resting orders, $; what is missing from the balance unless given, and then the balance is not compared while orders rest. */
  readonly resting?: string | undefined;
  /** The balance's smallest step; told by the fees unless given. */
  readonly precision?: "0.0001" | "0.01" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A reconciliation of a whole account, and why its balance was left out where it was. */
export interface AccountReconciliation extends Reconciliation {
  readonly notes: readonly string[];
}

/** Asks everything that the account's figures come from, and sets them beside the exchange's. */
export async function reconcileAccount(lab: Lab, ask: ReconcileAsk): Promise<AccountReconciliation> {
  const { signal } = ask;
  const [fills, positions, settlements] = await Promise.all([
    lab.fills({ signal }),
    lab.positions({ signal }),
    lab.settlements({ signal }),
  ]);
  const tickers = distinct([fills, positions, settlements], "ticker");
  const markets = tickers.length === 0 ? undefined : await lab.markets({ tickers, signal });
  const names = markets === undefined ? [] : distinct([markets], "event_ticker");
  const events = await fetchEvents(lab.client, new Set(names), signal);
  const [actual, moved, worth] = await Promise.all([
    money(lab.client, signal),
    ask.moved ?? movedMoney(lab.client, signal),
    ask.resting === undefined ? restingOrders(lab.client, signal) : null,
  ]);
  const resting = ask.resting ?? (worth === null ? "0" : "unknown");
  const found = reconcile({
    ...{ fills, positions, settlements, markets, events, precision: ask.precision },
    balance: { actual, moved, resting },
  });
  return { ...found, notes: worth === null ? [] : [restingNote(worth)] };
}

function restingNote({ orders, dollars }: RestingOrders): string {
  return `${orders} orders rest, worth ${dollars} $ at their prices. How much is set aside for them the exchange does not tell: what is missing from the balance is taken to be, and the balance was not compared; give \`resting\`, or withdraw them`;
}

function distinct(tables: readonly ColumnTable[], column: string): string[] {
  return [...new Set(tables.flatMap((table) => [...textsOf(table, column)]))].filter((name) => name !== null);
}

interface RestingOrders {
  readonly orders: number;
  /** What they buy, at the price of its side; closing costs nothing, and fees come on top. */
  readonly dollars: string;
}

/** The account's resting orders, of every subaccount; null for none. */
async function restingOrders(client: Client, signal?: AbortSignal): Promise<RestingOrders | null> {
  let [number, worth]: [number, Amount] = [0, 0n];
  for await (const { orders } of getOrders.pages(client, { status: "resting" }, { signal })) {
    number += orders.length;
    for (const { book_side, yes_price, no_price, remaining_count } of orders)
      worth += notional(book_side === "ask" ? no_price : yes_price, remaining_count);
  }
  return number === 0 ? null : { orders: number, dollars: formatAmount(worth, 4) };
}

/** Free money of all subaccounts. */
async function money(client: Client, signal?: AbortSignal): Promise<string> {
  const { subaccount_balances: all } = await getSubaccountBalances(client, {}, { signal });
  return formatPrice(all.reduce((sum, { balance }) => sum + balance, 0));
}

/** Deposits that arrived, less their fees, less withdrawals that did not fail or come back; the fee of a withdrawal is taken as within its amount. */
async function movedMoney(client: Client, signal?: AbortSignal): Promise<string> {
  let sum: Price = 0;
  for await (const { deposits } of getDeposits.pages(client, {}, { signal }))
    for (const { status, amount, fee } of deposits) if (status === "applied") sum += amount - fee;
  for await (const { withdrawals } of getWithdrawals.pages(client, {}, { signal }))
    for (const { status, amount } of withdrawals) if (status !== "failed" && status !== "returned") sum -= amount;
  return formatPrice(sum);
}
