/** Writes channel messages as the exchange sends them, for tests that need to say what is in them. */

export interface OnWire {
  readonly sid?: number;
  readonly seq?: number;
  readonly id?: number;
}

export function frame(type: string, on: OnWire, msg?: unknown): string {
  return `${JSON.stringify({ type, ...on, ...(msg === undefined ? {} : { msg }) })}\n`;
}

export function subscribed(sid: number, channel = "orderbook_delta", id = 1): string {
  return frame("subscribed", { id }, { channel, sid });
}

export type WireLevel = readonly [string, string];

export function snapshot(on: OnWire, ticker: string, yes: readonly WireLevel[], no: readonly WireLevel[]): string {
  return frame("orderbook_snapshot", on, {
    market_ticker: ticker,
    market_id: "0f0f0f0f-1111-4222-8333-444444444444",
    ...(yes.length === 0 ? {} : { yes_dollars_fp: yes }),
    ...(no.length === 0 ? {} : { no_dollars_fp: no }),
  });
}

export function delta(
  on: OnWire,
  ticker: string,
  side: "yes" | "no",
  price: string,
  amount: string,
  tsMs?: number,
): string {
  return frame("orderbook_delta", on, {
    market_ticker: ticker,
    market_id: "0f0f0f0f-1111-4222-8333-444444444444",
    price_dollars: price,
    delta_fp: amount,
    side,
    ...(tsMs === undefined ? {} : { ts_ms: tsMs }),
  });
}
