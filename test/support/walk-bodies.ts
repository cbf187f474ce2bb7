import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Pools } from "./walk-pools.js";

type Body = Record<string, unknown>;

/** Good bodies, by operation. What an operation of the exchange reads, and no more. */
const good: Readonly<Record<string, (pools: Pools) => Body>> = {
  CreateOrderV2: (pools) => newOrder(pools),
  BatchCreateOrdersV2: (pools) => ({ orders: [newOrder(pools), newOrder(pools)] }),
  BatchCancelOrdersV2: (pools) => ({ orders: [{ order_id: pools.currentOrder().id }, { order_id: randomUUID() }] }),
  AmendOrderV2: (pools) => {
    const { ticker, side } = pools.currentOrder();
    return { ticker, side, price: "0.02", count: "7.00" };
  },
  DecreaseOrderV2: () => ({ reduce_by: "0.50" }),
  CreateMarketInMultivariateEventCollection: (pools) => combo(pools),
  CreateApiKey: () => ({
    name: "walked",
    public_key: String(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" })),
  }),
  GenerateApiKey: (pools) => ({
    name: "walked",
    key_type: pools.random.chance(0.9) ? "ed25519" : "rsa",
    scopes: ["read"],
  }),
  CreateOrderGroup: () => ({ contracts_limit: 100 }),
  UpdateOrderGroupLimit: () => ({ contracts_limit: 200 }),
  ResetOrderGroup: () => ({}),
  TriggerOrderGroup: () => ({}),
  CreateSubaccount: () => ({}),
  UpdateSubaccountNetting: () => ({ subaccount_number: 0, enabled: true }),
  ApplySubaccountTransfer: () => ({
    client_transfer_id: randomUUID(),
    from_subaccount: 0,
    to_subaccount: 1,
    amount_cents: 100,
  }),
  IntraExchangeInstanceTransfer: () => ({ source: "event_contract", destination: "margined", amount: 10_000 }),
  SetTargetBalanceAllocation: () => ({ allocations: [{ exchange_index: 0, percent: 100 }] }),
};

/** A body for an operation; a bad one now and then unless it is to be plain; undefined where it takes none. */
export function bodyFor(operation: string, pools: Pools, isPlain: boolean): unknown {
  const body = good[operation]?.(pools);
  if (operation === "CreateOrderV2" && body !== undefined) pools.placing(body);
  if (body === undefined || isPlain || pools.random.chance(0.6)) return body;
  return spoiled(body, pools);
}

function newOrder(pools: Pools): Body {
  const side = pools.random.chance(0.7) ? "bid" : "ask";
  return {
    // In the middle of a ladder prices are far from both ends, and so is the other side from this order: it rests.
    ticker: pools.random.chance(0.8) ? "SANDBOX-LIVE-T50" : pools.pick("live"),
    side,
    price: side === "bid" ? "0.01" : "0.99",
    count: "5.00",
    client_order_id: randomUUID(),
    time_in_force: "good_till_canceled",
    self_trade_prevention_type: "taker_at_cross",
  };
}

/** Two markets of the event that is open for weeks; they do not exclude each other. */
function combo(pools: Pools): Body {
  const legs = new Map<string, "yes" | "no">();
  const live = pools.names("live").filter((ticker) => ticker.startsWith("SANDBOX-LIVE"));
  while (legs.size < Math.min(2, live.length))
    legs.set(pools.random.pick(live), pools.random.chance(0.5) ? "yes" : "no");
  return {
    selected_markets: [...legs].map(([market_ticker, side]) => ({ market_ticker, event_ticker: "SANDBOX-LIVE", side })),
    with_market_payload: pools.random.chance(0.5),
  };
}

/** A body that lacks something, has something of another kind, or is none. */
function spoiled(body: Body, pools: Pools): unknown {
  const { random } = pools;
  const names = Object.keys(body);
  const draw = random.next();
  if (draw < 0.1) return random.pick(["{", "[]", '"text"', "null", "17", "{}"]);
  const name = names.length === 0 ? "name" : random.pick(names);
  if (draw < 0.3) return { ...body, [name]: undefined };
  const value = random.pick<unknown>([17, -1, 0.5, "", "x", true, null, [], {}, [17], "1e3", pools.junk(), 2 ** 60]);
  return { ...body, [name]: value };
}
