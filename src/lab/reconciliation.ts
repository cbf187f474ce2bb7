import type { ColumnTable } from "arquero";
import { type Reconciliation, reconcile } from "../analysis/profit/reconcile.js";
import { textsOf } from "../analysis/read-fills.js";
import type { Client } from "../client/http.js";
import { getDeposits, getPortfolioRestingOrderTotalValue, getWithdrawals } from "../exchange/operations/portfolio.js";
import { getSubaccountBalances } from "../exchange/operations/subaccounts.js";
import { formatPrice, type Price } from "../units/price.js";
import { fetchEvents } from "./fee-calendar.js";
import type { Lab } from "./lab.js";

/** What of an account its own records cannot tell. */
export interface ReconcileAsk {
  /** Money paid in less paid out, $; what the exchange's deposits and withdrawals come to unless given. */
  readonly moved?: string | undefined;
  /** Money behind resting orders, $: without it the balance is compared only when no order rests. */
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
  const resting = ask.resting ?? (await nothingRests(lab.client, signal));
  const input = { fills, positions, settlements, markets, events, precision: ask.precision };
  if (resting === null) {
    const why = "orders are resting: the balance was not compared; withdraw them, or give the money behind them";
    return { ...reconcile(input), notes: [why] };
  }
  const [actual, moved] = await Promise.all([money(lab.client, signal), ask.moved ?? movedMoney(lab.client, signal)]);
  return { ...reconcile({ ...input, balance: { actual, moved, resting } }), notes: [] };
}

function distinct(tables: readonly ColumnTable[], column: string): string[] {
  return [...new Set(tables.flatMap((table) => [...textsOf(table, column)]))].filter((name) => name !== null);
}

async function nothingRests(client: Client, signal?: AbortSignal): Promise<string | null> {
  const { total_resting_order_value: value } = await getPortfolioRestingOrderTotalValue(client, {}, { signal });
  return value === 0 ? "0" : null;
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
