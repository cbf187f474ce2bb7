import { describe, expect, it } from "vitest";
import { bucketOf, PriceList } from "../../src/client/costs.js";

const price = (method: string, path: string, cost: number): object => ({
  method,
  path: `/trade-api/v2${path}`,
  cost,
});

const listed = [
  price("DELETE", "/portfolio/events/orders/:order_id", 2),
  price("DELETE", "/portfolio/events/orders/batched", 3),
  price("DELETE", "/portfolio/events/orders", 4),
  price("GET", "/portfolio/orders/:order_id", 5),
  price("GET", "/cfbenchmarks/*endpoint", 150),
  price("GET", "/cfbenchmarks", 151),
  price("DELETE", "/communications/rfqs/{rfq_id}/quotes/{quote_id}", 6),
  { method: "GET", path: 7, cost: 8 },
  null,
];

describe("PriceList", () => {
  it.each([
    ["an id that is a UUID", "DELETE", "/portfolio/events/orders/0a0a0a0a-0000-4000-8000-000000000001", 2],
    ["an id that is none", "DELETE", "/portfolio/events/orders/my-order_7", 2],
    ["a ticker with escapes", "GET", "/portfolio/orders/KXHIGHNY-26AUG30-B71.5%2Fx", 5],
    ["a path written out rather than one with a parameter", "DELETE", "/portfolio/events/orders/batched", 3],
    ["a path without its parameter", "DELETE", "/portfolio/events/orders", 4],
    ["parameters in braces", "DELETE", "/communications/rfqs/a/quotes/b", 6],
    ["the rest of a path", "GET", "/cfbenchmarks/v1/values", 150],
    ["nothing of the rest", "GET", "/cfbenchmarks", 151],
    ["a query behind the path", "GET", "/portfolio/orders/x?y=/z", 5],
    ["another method", "POST", "/portfolio/events/orders/batched", 12],
    ["a longer path", "GET", "/portfolio/orders/x/queue_position", 12],
    ["anything else", "GET", "/markets", 12],
  ])("knows %s", (_, method, path, cost) => {
    expect(new PriceList({ default_cost: 12, endpoint_costs: listed }).costOf(method, path)).toBe(cost);
    // Whatever the order in which they are listed.
    expect(new PriceList({ default_cost: 12, endpoint_costs: listed.toReversed() }).costOf(method, path)).toBe(cost);
  });

  it("takes ten for everything when nothing is known", () => {
    for (const answer of [undefined, null, {}, { endpoint_costs: "none" }])
      expect(new PriceList(answer).costOf("GET", "/markets")).toBe(10);
  });
});

describe("bucketOf", () => {
  it.each([
    ["POST", "/portfolio/events/orders"],
    ["DELETE", "/portfolio/events/orders"],
    ["POST", "/portfolio/events/orders/batched"],
    ["POST", "/portfolio/events/orders/x/amend"],
    ["POST", "/portfolio/order_groups/create"],
    ["PUT", "/portfolio/order_groups/x/trigger"],
    ["POST", "/communications/rfqs"],
    ["PUT", "/communications/quotes/x/confirm"],
    ["POST", "/communications/block-trade-proposals/x/accept"],
  ])("bills %s %s to Write", (method, path) => {
    expect(bucketOf(method, path)).toBe("write");
  });

  it.each([
    ["GET", "/portfolio/orders"],
    ["GET", "/portfolio/order_groups"],
    ["GET", "/communications/rfqs"],
    ["POST", "/communications/block-trade-proposals"],
    ["POST", "/portfolio/subaccounts/transfer"],
    ["POST", "/api_keys/generate"],
    ["DELETE", "/api_keys/x"],
    ["POST", "/account/api_usage_level/upgrade"],
    ["PUT", "/portfolio/subaccounts/netting"],
  ])("bills %s %s to Read", (method, path) => {
    expect(bucketOf(method, path)).toBe("read");
  });
});
