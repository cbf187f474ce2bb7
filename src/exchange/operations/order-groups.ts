import { always, maybe } from "../field.js";
import { operation } from "../operation.js";
import { orderGroupFields } from "../order-group.js";
import { needs, takes } from "../parameter.js";
import { list, nothing, object, optional, record, text } from "../shape.js";

const GROUPS = "/portfolio/order_groups";
const inPath = { order_group_id: needs("text") };
const place = { subaccount: takes("integer"), exchange_index: takes("integer") };
const limit = { contracts_limit: takes("integer", [1, 1_000_000]), contracts_limit_fp: takes("contracts") };
const shard = maybe("integer", "exchange_index", "shard it lives on");

/** All order groups. @see GET /portfolio/order_groups */
export const getOrderGroups = operation({
  id: "GetOrderGroups",
  method: "GET",
  path: GROUPS,
  access: "signed",
  query: { subaccount: takes("integer") },
  answer: object({ order_groups: optional(list(record("order group", orderGroupFields))) }),
});

/** One order group and the ids of its orders. @see GET /portfolio/order_groups/{order_group_id} */
export const getOrderGroup = operation({
  id: "GetOrderGroup",
  method: "GET",
  path: `${GROUPS}/{order_group_id}`,
  access: "signed",
  inPath,
  query: { subaccount: takes("integer") },
  answer: object({
    is_auto_cancel_enabled: orderGroupFields.is_auto_cancel_enabled,
    contracts_limit: orderGroupFields.contracts_limit,
    orders: list(text),
    exchange_index: shard,
  }),
});

/** Makes a group with a limit of contracts. @see POST /portfolio/order_groups/create */
export const createOrderGroup = operation({
  id: "CreateOrderGroup",
  method: "POST",
  path: `${GROUPS}/create`,
  access: "signed",
  body: { ...place, ...limit },
  answer: object({
    order_group_id: always("uuid", "order_group_id", "key of the group"),
    subaccount: always("integer", "subaccount", "0 is the primary account"),
    exchange_index: shard,
  }),
  writes: true,
});

/** Removes a group and withdraws its orders. @see DELETE /portfolio/order_groups/{order_group_id} */
export const deleteOrderGroup = operation({
  id: "DeleteOrderGroup",
  method: "DELETE",
  path: `${GROUPS}/{order_group_id}`,
  access: "signed",
  inPath,
  query: place,
  answer: nothing,
  writes: true,
});

/** Changes a group's limit; below what was filled of late its orders are withdrawn at once. @see PUT /portfolio/order_groups/{order_group_id}/limit */
export const updateOrderGroupLimit = operation({
  id: "UpdateOrderGroupLimit",
  method: "PUT",
  path: `${GROUPS}/{order_group_id}/limit`,
  access: "signed",
  inPath,
  query: place,
  body: limit,
  answer: nothing,
  writes: true,
});

/** Lets a group take orders again. @see PUT /portfolio/order_groups/{order_group_id}/reset */
export const resetOrderGroup = operation({
  id: "ResetOrderGroup",
  method: "PUT",
  path: `${GROUPS}/{order_group_id}/reset`,
  access: "signed",
  inPath,
  query: place,
  body: {},
  answer: nothing,
  writes: true,
});

/** Withdraws a group's orders and refuses further ones until it is reset. @see PUT /portfolio/order_groups/{order_group_id}/trigger */
export const triggerOrderGroup = operation({
  id: "TriggerOrderGroup",
  method: "PUT",
  path: `${GROUPS}/{order_group_id}/trigger`,
  access: "signed",
  inPath,
  query: place,
  body: {},
  answer: nothing,
  writes: true,
});
