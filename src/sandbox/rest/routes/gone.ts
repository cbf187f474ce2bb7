import type { Route } from "../../types.js";
import { refusal } from "../../wire/replies.js";
import { DEFAULT_COST } from "./routes.js";

const ORDERS = "/portfolio/orders";

/** Order writes of the first version, retired in June 2026: they say where to go. Their status and code are not known; these are ours. */
export function goneRoutes(): Route[] {
  const rows: readonly (readonly [Route["method"], string])[] = [
    ["POST", ORDERS],
    ["DELETE", `${ORDERS}/:order_id`],
    ["POST", `${ORDERS}/:order_id/amend`],
    ["POST", `${ORDERS}/:order_id/decrease`],
    ["POST", `${ORDERS}/batched`],
    ["DELETE", `${ORDERS}/batched`],
  ];
  return rows.map(([method, path]) => ({
    method,
    path,
    access: "signed",
    bucket: "write",
    cost: DEFAULT_COST,
    handle: () => refusal(410, "endpoint_retired", "this endpoint is retired", "use /portfolio/events/orders"),
  }));
}
