/** What a key may be for. `read` and `write` hold those behind them. */
export const keyScopes = [
  "read",
  "write",
  "read::block_trade_accept",
  "read::portfolio_balance",
  "write::trade",
  "write::transfer",
  "write::block_trade_accept",
] as const;
export type KeyScope = (typeof keyScopes)[number];

export const DEFAULT_SCOPES: readonly KeyScope[] = ["read", "write"];

/** What a key is called and what it is good for. */
export interface KeyGrant {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  /** The one subaccount that it sees and trades; absent for all of them. */
  readonly subaccount?: number | undefined;
}

/** What a key without bounds may do. */
export const FULL_GRANT: KeyGrant = { name: "sandbox", scopes: DEFAULT_SCOPES };

/** Whether a key's scopes hold the one that is needed: itself, or what stands above it. */
export function holds({ scopes }: KeyGrant, needed: KeyScope): boolean {
  return scopes.some((scope) => scope === needed || needed.startsWith(`${scope}::`));
}
