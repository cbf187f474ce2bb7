import { type ChannelName, channelNames, closedChannels } from "./channel.js";
import { CommandError } from "./command-error.js";

/** Markets named by a command: by ticker, by id, or none at all. Never both. */
export interface MarketsNamed {
  readonly tickers: readonly string[];
  readonly ids: readonly string[];
}

/** A command that is understood. An id of 0 is none. */
export type Command =
  | {
      readonly cmd: "subscribe";
      readonly id: number;
      readonly channels: readonly ChannelName[];
      readonly markets: MarketsNamed;
      readonly sendInitialSnapshot: boolean;
      readonly skipTickerAck: boolean;
      readonly useYesPrice: boolean;
    }
  | { readonly cmd: "unsubscribe"; readonly id: number; readonly sids: readonly number[] }
  | {
      readonly cmd: "update_subscription";
      readonly id: number;
      readonly sid: number;
      readonly action: "add_markets" | "delete_markets" | "get_snapshot";
      readonly markets: MarketsNamed;
      readonly sendInitialSnapshot: boolean;
    }
  | { readonly cmd: "list_subscriptions"; readonly id: number };

/**
 * Reads one message of a client.
 *
 * @throws CommandError
 */
export function readCommand(text: string): Command {
  const message = fields(parse(text));
  const id = message.id ?? 0;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0) throw new CommandError(1);
  try {
    return readFields(message, id);
  } catch (error) {
    if (error instanceof CommandError) error.id = id;
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function readFields(message: Fields, id: number): Command {
  switch (message.cmd) {
    case "subscribe":
      return readSubscribe(params(message), id);
    case "unsubscribe": {
      const sids = numbers(params(message).sids);
      if (sids.length === 0) throw new CommandError(4);
      return { cmd: "unsubscribe", id, sids };
    }
    case "update_subscription":
      return readUpdate(params(message), id);
    case "list_subscriptions":
      return { cmd: "list_subscriptions", id };
    default:
      throw new CommandError(absent(message.cmd) || typeof message.cmd === "string" ? 5 : 1);
  }
}

function readSubscribe(from: Fields, id: number): Command {
  const names = texts(from.channels);
  if (names.length === 0) throw new CommandError(3);
  const channels = [...new Set(names)].map(channelOf);
  const markets = readMarkets(from);
  if (channels.includes("orderbook_delta") && markets.tickers.length === 0) throw new CommandError(14);
  if (channels.some((channel) => !takesIds(channel, markets))) throw new CommandError(11);
  return {
    cmd: "subscribe",
    id,
    channels,
    markets,
    sendInitialSnapshot: flag(from.send_initial_snapshot),
    skipTickerAck: flag(from.skip_ticker_ack),
    useYesPrice: flag(from.use_yes_price),
  };
}

function channelOf(name: string): ChannelName {
  const channel = channelNames.find((candidate) => candidate === name);
  if (channel !== undefined) return channel;
  throw new CommandError(closedChannels.includes(name) ? 9 : 8);
}

/** Markets are known by their ids to one channel alone; ids that were overlooked would give all markets. */
export function takesIds(channel: ChannelName, { ids }: MarketsNamed): boolean {
  return ids.length === 0 || channel === "ticker";
}

const actions = ["add_markets", "delete_markets", "get_snapshot"] as const;

function readUpdate(from: Fields, id: number): Command {
  const sids = [...numbers(from.sids), ...(absent(from.sid) ? [] : numbers([from.sid]))];
  const [sid] = sids;
  if (sid === undefined || sids.length !== 1) throw new CommandError(12);
  if (absent(from.action)) throw new CommandError(15);
  if (typeof from.action !== "string") throw new CommandError(1);
  const action = actions.find((name) => name === from.action);
  if (action === undefined) throw new CommandError(13);
  // A snapshot is asked for by this one parameter.
  const markets = action === "get_snapshot" ? { tickers: texts(from.market_tickers), ids: [] } : readMarkets(from);
  if (markets.tickers.length === 0 && markets.ids.length === 0) throw new CommandError(14);
  return {
    cmd: "update_subscription",
    id,
    sid,
    action,
    markets,
    sendInitialSnapshot: flag(from.send_initial_snapshot),
  };
}

const marketParameters = ["market_ticker", "market_tickers", "market_id", "market_ids"] as const;

function readMarkets(from: Fields): MarketsNamed {
  if (marketParameters.filter((name) => !absent(from[name])).length > 1) throw new CommandError(11);
  const ids = [...one(from.market_id), ...texts(from.market_ids)];
  if (ids.some((id) => !UUID.test(id))) throw new CommandError(11);
  return { tickers: [...one(from.market_ticker), ...texts(from.market_tickers)], ids };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(1);
  }
}

function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new CommandError(1);
  return { ...value };
}

function params(message: Fields): Fields {
  if (absent(message.params)) throw new CommandError(2);
  return fields(message.params);
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

function one(value: unknown): readonly string[] {
  return absent(value) ? [] : texts([value]);
}

function texts(value: unknown): readonly string[] {
  if (absent(value)) return [];
  if (!Array.isArray(value)) throw new CommandError(1);
  return value.map((item: unknown) => {
    if (typeof item !== "string") throw new CommandError(1);
    return item;
  });
}

function numbers(value: unknown): readonly number[] {
  if (absent(value)) return [];
  if (!Array.isArray(value)) throw new CommandError(1);
  return value.map((item: unknown) => {
    if (typeof item !== "number") throw new CommandError(1);
    return item;
  });
}

function flag(value: unknown): boolean {
  if (absent(value)) return false;
  if (typeof value !== "boolean") throw new CommandError(1);
  return value;
}
