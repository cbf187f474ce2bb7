import { DAY, SECOND } from "../../units/time.js";
import type { JsonObject, Route, SandboxRequest } from "../types.js";
import { ok } from "../wire/replies.js";
import { wallClock } from "../world/clock.js";
import type { Limits } from "./limits.js";
import { DEFAULT_COST, publicGet } from "./routes.js";
import { REST_PREFIX } from "./server.js";

/** How long the attestation of the account's place still holds. */
const ATTESTED_FOR = 90 * DAY;

/** What the account may spend, what costs more or less than usual, and its keys. `all` names every route, these included. */
export function accountRoutes(limits: Limits, all: () => readonly Route[]): Route[] {
  return [
    signedGet("/account/limits", () => ok(limits.describe())),
    signedGet("/api_keys", (request) => ok(keysOf(request))),
    publicGet("/account/endpoint_costs", () => ok({ default_cost: DEFAULT_COST, endpoint_costs: exceptions(all()) })),
  ];
}

function signedGet(path: string, handle: Route["handle"]): Route {
  return { method: "GET", path, access: "signed", bucket: "read", cost: DEFAULT_COST, handle };
}

/** An account has the one key that opens it, with every right. */
function keysOf({ account }: SandboxRequest): JsonObject {
  return {
    api_key_region_expiration_ts: Math.floor((wallClock.now() + ATTESTED_FOR) / SECOND),
    api_keys: [{ api_key_id: account?.keyId ?? "", name: "sandbox", scopes: ["read", "write"] }],
  };
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
