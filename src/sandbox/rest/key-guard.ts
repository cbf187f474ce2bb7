import type { Route } from "../types.js";
import { Refused, refusal } from "../wire/replies.js";
import { holds, type KeyGrant, type KeyScope } from "./api-key.js";

const ORDERS = /^\/portfolio\/(events\/orders|orders|order_groups)(\/|$)/;
const OWN_DATA = /^\/(portfolio|historical)\/(balance|fills|positions|settlements)$|^\/historical\/orders$/;

/** What of a request the guard looks at and may fill in. */
export interface Guarded {
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly lockedTo?: number | undefined;
}

/**
 * Lets through what a key may do, and puts the subaccount that it is locked to where none was named.
 *
 * @throws Refused 403 where the key lacks the scope, or is locked to another subaccount
 */
export function guard(grant: KeyGrant, route: Route, request: Guarded): Guarded {
  if (route.access === "public") return request;
  const needed = scopeOf(route);
  if (!holds(grant, needed)) throw forbidden(`this API key lacks the scope ${needed}`);
  return grant.subaccount === undefined ? request : locked(grant.subaccount, route, request);
}

/** The scope that an operation needs. */
export function scopeOf({ method, path }: Pick<Route, "method" | "path">): KeyScope {
  if (method === "GET") return path === "/portfolio/balance" ? "read::portfolio_balance" : "read";
  if (ORDERS.test(path)) return "write::trade";
  return /transfer/.test(path) ? "write::transfer" : "write";
}

function locked(own: number, { method, path }: Route, { query, body }: Guarded): Guarded {
  const isFree = path === "/account/limits" || path.endsWith("/forecast_percentile_history");
  if (isFree) return { query, body };
  if (!ORDERS.test(path) && !OWN_DATA.test(path)) throw restricted();
  const asked = query.get("subaccount");
  if (asked !== null && asked !== "" && asked !== String(own)) throw restricted();
  const named = new URLSearchParams(query);
  named.set("subaccount", String(own));
  return { query: named, body: method === "GET" ? body : lockedBody(own, path, body), lockedTo: own };
}

/** Only what creates something, and the items of batches, name their subaccount in the body. */
function lockedBody(own: number, path: string, body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const orders: unknown = Reflect.get(body, "orders");
  if (path.endsWith("/batched")) {
    return Array.isArray(orders) ? { ...body, orders: orders.map((item) => lockedItem(own, item)) } : body;
  }
  return path.endsWith("/amend") || path.endsWith("/decrease") || path.endsWith("/limit")
    ? body
    : lockedItem(own, body);
}

function lockedItem(own: number, item: unknown): unknown {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
  const asked: unknown = Reflect.get(item, "subaccount");
  if (asked !== undefined && asked !== null && asked !== own) throw restricted();
  return { ...item, subaccount: own };
}

function restricted(): Refused {
  return forbidden("this API key is restricted to a single sub-account and cannot access this endpoint");
}

function forbidden(message: string): Refused {
  return new Refused(refusal(403, "forbidden", message));
}
