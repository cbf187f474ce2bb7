import { type Count, formatCount } from "../units/count.js";
import { parseFixed } from "../units/fixed.js";
import { formatAmount, roundAmount } from "../units/money.js";
import { formatPrice } from "../units/price.js";
import { SECOND } from "../units/time.js";
import type { Engine } from "./engine.js";
import { wholeMillis } from "./private-messages.js";
import { Refused, refusal, undecodable } from "./replies.js";
import type { Placed } from "./trading.js";
import type { AccountRef, JsonObject, Reply, Route, SandboxRequest } from "./types.js";
import type { OrderRequest } from "./venue.js";

/** Creating and cancelling orders. */
export function orderRoutes(engine: Engine): Route[] {
  return [
    {
      method: "POST",
      path: "/portfolio/events/orders",
      access: "signed",
      bucket: "write",
      cost: 10,
      handle: (request) => create(engine, request),
    },
    {
      method: "DELETE",
      path: "/portfolio/events/orders/:order_id",
      access: "signed",
      bucket: "write",
      cost: 2,
      handle: (request) => cancel(engine, request),
    },
  ];
}

/** Who signed. The server lets nobody else through to a signed route. */
export function signer({ account }: SandboxRequest): AccountRef {
  if (account === null) throw new Refused(refusal(401, "authentication_error", "authentication_error", "NOT_FOUND"));
  return account;
}

function create(engine: Engine, request: SandboxRequest): Reply {
  const { ticker, order } = readCreate(request.body);
  const { userId } = signer(request);
  const placed = engine.place(userId, ticker, order);
  return { status: 201, body: placedWire(placed) };
}

function cancel(engine: Engine, request: SandboxRequest): Reply {
  const { order, count } = engine.cancel(signer(request).userId, request.params.order_id ?? "");
  const body = {
    client_order_id: order.clientOrderId,
    order_id: order.id,
    reduced_by: formatCount(count),
    ts_ms: wholeMillis(order.updated),
  };
  return { status: 200, body };
}

function placedWire({ order, filled, notional, fees }: Placed): JsonObject {
  const perContract = (amount: bigint) => (amount * 100n) / BigInt(filled);
  return {
    average_fee_paid: filled === 0 ? undefined : formatAmount(perContract(fees), 4),
    average_fill_price: filled === 0 ? undefined : formatPrice(roundAmount(perContract(notional), 100, "half-up")),
    client_order_id: order.clientOrderId,
    fill_count: formatCount(filled),
    order_id: order.id,
    remaining_count: formatCount(order.remaining),
    ts_ms: wholeMillis(order.updated),
  };
}

const STRUCT = "CreateOrderV2Request";

/** Reads the body of a create request as strictly as the exchange: strings for count and price, known words for the rest. */
function readCreate(body: unknown): { ticker: string; order: OrderRequest } {
  const fields = body === undefined ? {} : objectOf(body);
  for (const name of ["ticker", "side", "count", "price", "time_in_force", "self_trade_prevention_type"]) {
    if (fields[name] === undefined || fields[name] === null) throw missing(name);
  }
  if ((text(fields, "subaccount", "number") ?? 0) !== 0) throw refused("subaccount does not exist");
  const expires = text(fields, "expiration_time", "number");
  const order: OrderRequest = {
    side: word(fields, "side", ["bid", "ask"]),
    price: readPrice(text(fields, "price", "string") ?? ""),
    count: readCount(text(fields, "count", "string") ?? ""),
    timeInForce: word(fields, "time_in_force", ["good_till_canceled", "immediate_or_cancel", "fill_or_kill"]),
    selfTrade: word(fields, "self_trade_prevention_type", ["taker_at_cross", "maker"]),
    clientOrderId: text(fields, "client_order_id", "string") ?? "",
    postOnly: text(fields, "post_only", "boolean") ?? false,
    reduceOnly: text(fields, "reduce_only", "boolean") ?? false,
    cancelOnPause: text(fields, "cancel_order_on_pause", "boolean") ?? false,
    expires: expires === undefined ? null : expires * SECOND,
  };
  return { ticker: text(fields, "ticker", "string") ?? "", order };
}

type Fields = Readonly<Record<string, unknown>>;

interface Kinds {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}

const GO_TYPES: Readonly<Record<keyof Kinds, string>> = { string: "string", number: "int64", boolean: "bool" };

/** A field of the given kind; undefined where absent or null. The refusal reads as the exchange's own decoder writes it. */
function text<Kind extends keyof Kinds>(fields: Fields, name: string, kind: Kind): Kinds[Kind] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (isKind(value, kind)) return value;
  throw new Refused(
    undecodable(
      `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${STRUCT}.${name} of type ${GO_TYPES[kind]}`,
    ),
  );
}

function isKind<Kind extends keyof Kinds>(value: unknown, kind: Kind): value is Kinds[Kind] {
  return kind === "number" ? Number.isSafeInteger(value) : typeof value === kind;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function word<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word {
  const value = text(fields, name, "string");
  const found = words.find((candidate) => candidate === value);
  if (found === undefined) throw refused(`${name} should be one of ${words.join(", ")}`);
  return found;
}

/** A price in micro-dollars. What cannot be one is off every grid. */
function readPrice(value: string): number {
  const price = parseFixed(value, 6);
  if (Number.isNaN(price)) throw new Refused(refusal(400, "invalid_price", "invalid price"));
  return price;
}

/** A count in hundredths. What is finer, or no number, is no size. */
function readCount(value: string): Count {
  const count = parseFixed(value, 2);
  if (Number.isNaN(count)) throw new Refused(refusal(400, "invalid_order_size", "invalid order size"));
  return count;
}

function objectOf(body: unknown): Fields {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new Refused(undecodable(`json: cannot unmarshal ${jsonKind(body)} into Go value of type ${STRUCT}`));
}

function missing(name: string): Refused {
  return new Refused(undecodable(`${name} is required`));
}

function refused(details: string): Refused {
  return new Refused(refusal(400, "invalid_order", "invalid order", details));
}
