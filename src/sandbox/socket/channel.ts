/** The channels that the sandbox serves. */
export const channelNames = [
  "orderbook_delta",
  "ticker",
  "trade",
  "fill",
  "market_positions",
  "user_orders",
  "order_group_updates",
  "market_lifecycle_v2",
  "multivariate_market_lifecycle",
] as const;
export type ChannelName = (typeof channelNames)[number];

/** Channels that exist and are granted to no key of the sandbox: quotes on request, and indices from outside. */
export const closedChannels: readonly string[] = [
  "communications",
  "cfbenchmarks_value",
  "cfbenchmarks_value_5hz",
  "pyth_value",
];

/** Channels that tell a member what is its own: they need a key that may read. */
const own: ReadonlySet<ChannelName> = new Set(["fill", "market_positions", "user_orders", "order_group_updates"]);

export function isPrivate(channel: ChannelName): boolean {
  return own.has(channel);
}

/** Channels whose subscriptions can be narrowed to markets, and so be updated. The others ignore every ticker named. */
const filtered: ReadonlySet<ChannelName> = new Set([
  "orderbook_delta",
  "ticker",
  "trade",
  "fill",
  "market_positions",
  "user_orders",
]);

export function isFiltered(channel: ChannelName): boolean {
  return filtered.has(channel);
}
