import { formatPrice } from "../../../units/price.js";
import { toSeconds } from "../../../units/time.js";
import type { Engine } from "../../engine/engine.js";
import type { Allocation, Instance, InstanceTransfer } from "../../engine/members.js";
import type { JsonObject, Reply, Route, SandboxRequest } from "../../types.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { demand, type Fields, fieldsOf, text } from "../body.js";
import { cutPage, decodeCursor, latestFirst } from "../cursor.js";
import { checkShard, SHARD } from "../shard.js";
import { type Asked, signedReads } from "../signed-read.js";
import { signer } from "./orders.js";
import { signedWrite, uuid } from "./subaccounts.js";

/** Money between event contracts and margined ones, and how a balance is to be spread over the shards, of which there is one. */
export function instanceRoutes(engine: Engine): Route[] {
  const read = signedReads(engine);
  const transfers = "/portfolio/intra_exchange_instance_transfers";
  const allocation = "/portfolio/target_balance_allocation";
  return [
    signedWrite("POST", "/portfolio/intra_exchange_instance_transfer", (request) => transfer(engine, request)),
    read(transfers, list, "GetIntraExchangeInstanceTransfers"),
    read(`${transfers}/:transfer_id`, one, "GetIntraExchangeInstanceTransfer"),
    read(
      allocation,
      ({ account }) => ok(allocationWire(engine.member(account.userId).allocation)),
      "GetTargetAllocation",
    ),
    signedWrite("POST", allocation, (request) => {
      engine.setAllocation(signer(request).userId, readAllocation(request.body));
      return ok({});
    }),
  ];
}

function transfer(engine: Engine, request: SandboxRequest): Reply {
  const fields = fieldsOf("IntraExchangeInstanceTransferRequest", request.body);
  demand(fields, ["source", "destination", "amount"]);
  const shardOf = (name: string) => text(fields, name, "number");
  checkShard(shardOf("source_exchange_shard"));
  checkShard(shardOf("destination_exchange_shard"));
  const done = engine.instanceTransfer(signer(request).userId, {
    clientTransferId: uuid(fields, "client_transfer_id") ?? null,
    source: instance(fields, "source"),
    destination: instance(fields, "destination"),
    centiCents: text(fields, "amount", "number") ?? 0,
    from: text(fields, "source_subaccount", "number") ?? 0,
    to: text(fields, "destination_subaccount", "number") ?? 0,
  });
  return ok({ transfer_id: done.id });
}

function instance(fields: Fields, name: string): Instance {
  const value = text(fields, name, "string");
  if (value === "event_contract" || value === "margined") return value;
  throw new Refused(invalidParameter(`${name} should be one of event_contract, margined`));
}

/** Without a cursor behind the last page, as the specification has it for this list. */
function list({ request, query, engine, account }: Asked): Reply {
  const limit = query.limit(1, 500, 100);
  const positionOf = ({ time, id }: InstanceTransfer) => ({ time, id });
  const all = engine.member(account.userId).instanceTransfers;
  const after = latestFirst(all, positionOf, decodeCursor(request.query.get("cursor")));
  const { rows, cursor } = cutPage(after, limit, positionOf);
  return ok({ cursor: cursor === "" ? undefined : cursor, transfers: rows.map(transferWire) });
}

function one({ request, engine, account }: Asked): Reply {
  const { instanceTransfers } = engine.member(account.userId);
  const found = instanceTransfers.find(({ id }) => id === request.params.transfer_id);
  return found === undefined ? notFound() : ok({ transfer: transferWire(found) });
}

/** Done at once here: none is ever pending. */
function transferWire({ id, source, destination, centiCents, time }: InstanceTransfer): JsonObject {
  return {
    amount: formatPrice(centiCents * 100),
    created_ts: toSeconds(time),
    destination,
    destination_exchange_shard: SHARD,
    source,
    source_exchange_shard: SHARD,
    status: "complete",
    transfer_id: id,
  };
}

function readAllocation(body: unknown): Allocation {
  const fields = fieldsOf("SetTargetBalanceAllocationRequest", body);
  demand(fields, ["allocations"]);
  const { allocations } = fields.values;
  if (!Array.isArray(allocations)) throw new Refused(invalidParameter("allocations should be a list"));
  const shares = (allocations as unknown[]).map((item) => {
    const share = fieldsOf("TargetBalanceAllocationInput", item);
    demand(share, ["exchange_index", "percent"]);
    return {
      exchangeIndex: text(share, "exchange_index", "number") ?? -1,
      percent: text(share, "percent", "number") ?? 0,
    };
  });
  for (const { exchangeIndex } of shares) {
    if (exchangeIndex !== SHARD) throw new Refused(invalidParameter(`exchange_index ${exchangeIndex} does not exist`));
  }
  if (shares.length > 1) throw new Refused(invalidParameter("allocations should name a shard once"));
  if (shares.length === 1 && shares[0]?.percent !== 100) {
    throw new Refused(invalidParameter("percentages should total 100"));
  }
  return { shares, reservation: reservation(fields) };
}

function reservation(fields: Fields): Allocation["reservation"] {
  const value = text(fields, "resting_margin_reservation", "string") ?? "sum";
  if (value === "max" || value === "sum" || value === "none") return value;
  throw new Refused(invalidParameter("resting_margin_reservation should be one of max, sum, none"));
}

function allocationWire({ shares, reservation: kept }: Allocation): JsonObject {
  const allocations = shares.map(({ exchangeIndex, percent }) => ({ exchange_index: exchangeIndex, percent }));
  return { allocations, resting_margin_reservation: kept };
}
