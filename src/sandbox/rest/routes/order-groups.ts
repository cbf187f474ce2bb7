import { CONTRACT, type Count, formatCount } from "../../../units/count.js";
import type { Engine } from "../../engine/engine.js";
import type { OrderGroup } from "../../engine/order-groups.js";
import type { JsonObject, Reply, Route, SandboxRequest } from "../../types.js";
import { invalidParameter, ok, Refused } from "../../wire/replies.js";
import { type Fields, fieldsOf, parseCount, text } from "../body.js";
import { QueryReader } from "../query.js";
import { checkShard, checkShardIn, SHARD } from "../shard.js";
import { signer } from "./orders.js";

const GROUPS = "/portfolio/order_groups";
const MOST_CONTRACTS = 1_000_000;

/** Order groups: their limits, triggers and resets. Without `subaccount` a group is found in any, and all are listed. */
export function orderGroupRoutes(engine: Engine): Route[] {
  const route = (method: Route["method"], path: string, handle: (request: SandboxRequest) => Reply): Route => ({
    method,
    path: `${GROUPS}${path}`,
    access: "signed",
    bucket: method === "GET" ? "read" : "write",
    cost: 10,
    handle,
  });
  const change = (method: "PUT" | "DELETE", path: string, act: (group: OrderGroup, request: SandboxRequest) => void) =>
    route(method, path, (request) => {
      checkShardIn(new QueryReader(request.query, "UpdateOrderGroup"));
      act(groupOf(engine, request), request);
      return ok({});
    });
  const groups = () => engine.orderGroups();
  return [
    route("GET", "", (request) => list(engine, request)),
    route("POST", "/create", (request) => create(engine, request)),
    route("GET", "/:order_group_id", (request) => ok(details(groupOf(engine, request)))),
    change("DELETE", "/:order_group_id", (group) => groups().remove(group)),
    change("PUT", "/:order_group_id/limit", (group, { body }) =>
      groups().setLimit(group, limitOf(fieldsOf("UpdateOrderGroupLimitRequest", body))),
    ),
    change("PUT", "/:order_group_id/reset", (group) => groups().reset(group)),
    change("PUT", "/:order_group_id/trigger", (group) => groups().trigger(group)),
  ];
}

function create(engine: Engine, request: SandboxRequest): Reply {
  const fields = fieldsOf("CreateOrderGroupRequest", request.body);
  const { userId } = signer(request);
  checkShard(text(fields, "exchange_index", "number"));
  const { subaccount } = engine.account(userId, text(fields, "subaccount", "number"));
  const { id } = engine.orderGroups().create(userId, subaccount, limitOf(fields));
  return { status: 201, body: { exchange_index: SHARD, order_group_id: id, subaccount } };
}

function list(engine: Engine, request: SandboxRequest): Reply {
  const { userId } = signer(request);
  const groups = engine.orderGroups().list(userId, subaccountIn(engine, request));
  return ok({ order_groups: groups.map((group) => ({ ...summary(group), id: group.id })) });
}

function groupOf(engine: Engine, request: SandboxRequest): OrderGroup {
  const id = request.params.order_group_id ?? "";
  return engine.orderGroups().get(signer(request).userId, id, subaccountIn(engine, request));
}

function subaccountIn(engine: Engine, request: SandboxRequest): number | undefined {
  const number = new QueryReader(request.query, "GetOrderGroups").integer("subaccount");
  return number === undefined ? undefined : engine.account(signer(request).userId, number).subaccount;
}

function details(group: OrderGroup): JsonObject {
  return { ...summary(group), orders: [...group.orders].map(({ id }) => id) };
}

/** A group cancels by itself at all times; nothing turns that off. */
function summary({ limit }: OrderGroup): JsonObject {
  return { contracts_limit_fp: formatCount(limit), exchange_index: SHARD, is_auto_cancel_enabled: true };
}

/** `contracts_limit` in whole contracts, or `contracts_limit_fp` as text; where both are given they are the same. */
function limitOf(fields: Fields): Count {
  const whole = text(fields, "contracts_limit", "number");
  const exact = text(fields, "contracts_limit_fp", "string");
  const limits = [
    ...(whole === undefined ? [] : [whole * CONTRACT]),
    ...(exact === undefined ? [] : [parseCount(exact)]),
  ];
  const [limit = Number.NaN, other = limit] = limits;
  if (!(limit >= CONTRACT && limit <= MOST_CONTRACTS * CONTRACT) || other !== limit) {
    throw new Refused(invalidParameter(`contracts_limit should be from 1 to ${MOST_CONTRACTS}`));
  }
  return limit;
}
