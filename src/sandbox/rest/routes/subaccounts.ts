import { formatAmount } from "../../../units/money.js";
import { toSeconds } from "../../../units/time.js";
import { available } from "../../engine/accounts.js";
import type { Engine } from "../../engine/engine.js";
import type { SubaccountTransfer } from "../../engine/members.js";
import type { JsonObject, Reply, Route, SandboxRequest } from "../../types.js";
import { invalidParameter, ok, Refused, refusal } from "../../wire/replies.js";
import { demand, type Fields, fieldsOf, text } from "../body.js";
import { cutPage, decodeCursor, latestFirst } from "../cursor.js";
import type { Limits } from "../limits.js";
import { checkShard, SHARD } from "../shard.js";
import { type Asked, signedReads } from "../signed-read.js";
import { signer } from "./orders.js";
import { updatedTime } from "./portfolio-summary.js";

const SUBACCOUNTS = "/portfolio/subaccounts";

/** Subaccounts 0 to 63 of a member: opening the next, from the tier `advanced` on, money between them, and whether each nets its collateral. */
export function subaccountRoutes(engine: Engine, limits: Pick<Limits, "isAdvanced">): Route[] {
  const read = signedReads(engine);
  return [
    signedWrite("POST", SUBACCOUNTS, (request) => open(engine, limits, request)),
    signedWrite("POST", `${SUBACCOUNTS}/transfer`, (request) => transfer(engine, request)),
    signedWrite("PUT", `${SUBACCOUNTS}/netting`, (request) => setNetting(engine, request)),
    read(`${SUBACCOUNTS}/balances`, balances, "GetSubaccountBalances"),
    read(`${SUBACCOUNTS}/transfers`, transfers, "GetSubaccountTransfers"),
    read(`${SUBACCOUNTS}/netting`, netting, "GetSubaccountNetting"),
  ];
}

/** A signed operation that changes something, at the usual price. The Write bucket is for orders: these are paid from the other. */
export function signedWrite(method: "POST" | "PUT", path: string, handle: (request: SandboxRequest) => Reply): Route {
  return { method, path, access: "signed", bucket: "read", cost: 10, handle };
}

function open(engine: Engine, limits: Pick<Limits, "isAdvanced">, request: SandboxRequest): Reply {
  if (!limits.isAdvanced(signer(request).userId)) {
    throw new Refused(refusal(403, "forbidden", "subaccounts need the Advanced tier or above"));
  }
  checkShard(text(fieldsOf("CreateSubaccountRequest", request.body), "exchange_index", "number"));
  const { subaccount } = engine.openSubaccount(signer(request).userId);
  return { status: 201, body: { subaccount_number: subaccount } };
}

function transfer(engine: Engine, request: SandboxRequest): Reply {
  const fields = fieldsOf("ApplySubaccountTransferRequest", request.body);
  demand(fields, ["client_transfer_id", "from_subaccount", "to_subaccount", "amount_cents"]);
  checkShard(text(fields, "exchange_index", "number"));
  engine.transfer(signer(request).userId, {
    clientTransferId: uuid(fields, "client_transfer_id") ?? "",
    from: text(fields, "from_subaccount", "number") ?? 0,
    to: text(fields, "to_subaccount", "number") ?? 0,
    cents: text(fields, "amount_cents", "number") ?? 0,
  });
  return ok({});
}

function setNetting(engine: Engine, request: SandboxRequest): Reply {
  const fields = fieldsOf("UpdateSubaccountNettingRequest", request.body);
  demand(fields, ["subaccount_number", "enabled"]);
  const number = text(fields, "subaccount_number", "number") ?? 0;
  engine.setNetting(signer(request).userId, number, text(fields, "enabled", "boolean") ?? false);
  return { status: 200 };
}

function balances({ engine, account }: Asked): Reply {
  const rows = engine.member(account.userId).accounts.map((one) => ({
    balance: formatAmount(available(one), 4),
    exchange_index: SHARD,
    subaccount_number: one.subaccount,
    updated_ts: toSeconds(updatedTime(one, engine)),
  }));
  return ok({ subaccount_balances: rows });
}

function netting({ engine, account }: Asked): Reply {
  const rows = engine.member(account.userId).accounts.map((one) => ({
    enabled: one.netting,
    exchange_index: SHARD,
    subaccount_number: one.subaccount,
  }));
  return ok({ netting_configs: rows });
}

function transfers({ request, query, engine, account }: Asked): Reply {
  const limit = query.limit(1, 1000, 100);
  const { transfers: all } = engine.member(account.userId);
  const positionOf = ({ time, id }: SubaccountTransfer) => ({ time, id });
  const after = latestFirst(all, positionOf, decodeCursor(request.query.get("cursor")));
  const { rows, cursor } = cutPage(after, limit, positionOf);
  return ok({ cursor, transfers: rows.map(transferWire) });
}

function transferWire({ id, from, to, cents, time }: SubaccountTransfer): JsonObject {
  return {
    amount_cents: cents,
    created_ts: toSeconds(time),
    exchange_index: SHARD,
    from_subaccount: from,
    to_subaccount: to,
    transfer_id: id,
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A field that has to be a UUID where it is given. */
export function uuid(fields: Fields, name: string): string | undefined {
  const value = text(fields, name, "string");
  if (value !== undefined && !UUID.test(value)) throw new Refused(invalidParameter(`${name} should be a UUID`));
  return value?.toLowerCase();
}
