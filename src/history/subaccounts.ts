import type { Client, QueryValues } from "../client/http.js";
import { KalshiError } from "../errors.js";
import type { WireObject } from "../exchange/field.js";
import { getSubaccountBalances } from "../exchange/operations/subaccounts.js";

/** How one subaccount is asked for, and what its rows are marked with. */
export interface SubaccountAsk {
  readonly query: QueryValues;
  readonly stamp: WireObject | undefined;
}

const untold: SubaccountAsk = { query: {}, stamp: undefined };

/**
 * How own lists are asked whose rows do not name their subaccount: once per subaccount, each row then marked with its number. A key that may
 * not see the subaccounts is locked to one: it asks once, and nothing tells which one that is.
 *
 * @throws KalshiError `KEY_MISSING`, and what requests throw
 * @see API: 17 Shards and subaccounts
 */
export async function askBySubaccount(
  client: Client,
  signal: AbortSignal | undefined,
): Promise<readonly SubaccountAsk[]> {
  const numbers = await subaccounts(client, signal);
  if (numbers === null || numbers.length === 0) return [untold];
  // The parameter is for those who have subaccounts.
  if (numbers.every((number) => number === 0)) return [{ query: {}, stamp: { subaccount_number: 0 } }];
  return numbers.map((number) => ({ query: { subaccount: number }, stamp: { subaccount_number: number } }));
}

/** Numbers of all subaccounts, ascending; null for a key that may not see them. */
async function subaccounts(client: Client, signal: AbortSignal | undefined): Promise<readonly number[] | null> {
  try {
    const { subaccount_balances: balances } = await getSubaccountBalances(client, {}, { signal });
    const numbers = new Set((balances ?? []).map((balance) => balance.subaccount_number));
    return [...numbers].sort((a, b) => a - b);
  } catch (error) {
    if (error instanceof KalshiError && (error.code === "FORBIDDEN" || error.code === "NOT_FOUND")) return null;
    throw error;
  }
}
