import type { Limits } from "./limits.js";
import { ok } from "./replies.js";
import { DEFAULT_COST, publicGet } from "./routes.js";
import { REST_PREFIX } from "./server.js";
import type { JsonObject, Route } from "./types.js";

/** What the account may spend, and what costs more or less than usual. `all` names every route, these included. */
export function accountRoutes(limits: Limits, all: () => readonly Route[]): Route[] {
  return [
    {
      method: "GET",
      path: "/account/limits",
      access: "signed",
      bucket: "read",
      cost: DEFAULT_COST,
      handle: () => ok(limits.describe()),
    },
    publicGet("/account/endpoint_costs", () => ok({ default_cost: DEFAULT_COST, endpoint_costs: exceptions(all()) })),
  ];
}

function exceptions(routes: readonly Route[]): readonly JsonObject[] {
  return routes
    .map((route) => ({ cost: itemCost(route), method: route.method, path: `${REST_PREFIX}${route.path}` }))
    .filter(({ cost }) => cost !== DEFAULT_COST);
}

/** The cost of a batch is listed per item. */
function itemCost(route: Route): number {
  return typeof route.cost === "number" ? route.cost : route.cost({ orders: [{}] });
}
