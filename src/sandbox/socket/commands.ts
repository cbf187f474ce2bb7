/** The channels that the sandbox serves. */
export const channelNames = ["orderbook_delta", "ticker", "trade", "fill", "user_orders"] as const;
export type ChannelName = (typeof channelNames)[number];

/** Texts of the error codes that commands can meet. */
const errorTexts = {
  1: "Unable to process message",
  2: "Params required",
  3: "Channels required",
  4: "Subscription IDs required",
  5: "Unknown command",
  7: "Unknown subscription ID",
  8: "Unknown channel name",
  10: "Channel error",
  11: "Invalid parameter",
  12: "Exactly one subscription ID is required",
  13: "Unsupported action",
  14: "Market Ticker required",
  15: "Action required",
  25: "Subscription buffer overflow",
} as const;
export type CommandErrorCode = keyof typeof errorTexts;

/** A refused command: its code and text, and the id that it was sent with, as far as that could be read. */
export class CommandError extends Error {
  readonly code: CommandErrorCode;
  id = 0;

  constructor(code: CommandErrorCode) {
    super(errorTexts[code]);
    this.name = "CommandError";
    this.code = code;
  }
}

/** Markets named by a command: by ticker, by id, or none at all. */
export interface MarketsNamed {
  readonly tickers: readonly string[];
  readonly ids: readonly string[];
}

/** A command that is understood. */
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
      throw new CommandError(5);
  }
}

function readSubscribe(from: Fields, id: number): Command {
  const channels = texts(from.channels);
  if (channels.length === 0) throw new CommandError(3);
  const known = channels.map((name) => {
    const channel = channelNames.find((candidate) => candidate === name);
    if (channel === undefined) throw new CommandError(8);
    return channel;
  });
  const markets = readMarkets(from);
  if (known.includes("orderbook_delta") && markets.tickers.length === 0) throw new CommandError(14);
  return {
    cmd: "subscribe",
    id,
    channels: [...new Set(known)],
    markets,
    sendInitialSnapshot: flag(from.send_initial_snapshot),
    skipTickerAck: flag(from.skip_ticker_ack),
    useYesPrice: flag(from.use_yes_price),
  };
}

function readUpdate(from: Fields, id: number): Command {
  const sids = [...numbers(from.sids), ...(from.sid === undefined ? [] : numbers([from.sid]))];
  const [sid] = sids;
  if (sid === undefined || sids.length !== 1) throw new CommandError(12);
  if (from.action === undefined) throw new CommandError(15);
  const action = (["add_markets", "delete_markets", "get_snapshot"] as const).find((name) => name === from.action);
  if (action === undefined) throw new CommandError(13);
  const markets = readMarkets(from);
  if (markets.tickers.length === 0 && markets.ids.length === 0) throw new CommandError(14);
  return { cmd: "update_subscription", id, sid, action, markets };
}

function readMarkets(from: Fields): MarketsNamed {
  if (from.market_ticker !== undefined && from.market_tickers !== undefined) throw new CommandError(11);
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
  if (message.params === undefined || message.params === null) throw new CommandError(2);
  return fields(message.params);
}

function one(value: unknown): readonly string[] {
  return value === undefined ? [] : texts([value]);
}

function texts(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new CommandError(1);
  return value.map((item: unknown) => {
    if (typeof item !== "string") throw new CommandError(1);
    return item;
  });
}

function numbers(value: unknown): readonly number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new CommandError(1);
  return value.map((item: unknown) => {
    if (typeof item !== "number") throw new CommandError(1);
    return item;
  });
}

function flag(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new CommandError(1);
  return value;
}
