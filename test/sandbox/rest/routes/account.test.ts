import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { get, getSigned, signedHeaders } from "../../../support/sandbox-call.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ keyType: "ed25519" });
});
afterAll(() => sandbox.close());

interface Listed {
  readonly api_keys: readonly unknown[];
  readonly api_key_region_expiration_ts: number;
}

async function listed(): Promise<Listed> {
  return (await getSigned<Listed>(sandbox, "/api_keys")).body;
}

describe("the sandbox's list of API keys", () => {
  it("has the key that asks, with its scopes, and an attestation that holds for a while", async () => {
    const { api_keys: keys, api_key_region_expiration_ts: until } = await listed();
    expect(keys).toEqual([{ api_key_id: sandbox.ready.key_id, name: "sandbox", scopes: ["read", "write"] }]);
    expect(until).toBeGreaterThan(Date.now() / 1000 + 30 * 86_400);
    expect(Number.isInteger(until)).toBe(true);
  });

  it("needs a signature", async () => {
    expect((await get(sandbox, "/api_keys")).status).toBe(401);
  });

  it.skipIf(whyNoSpecification !== null)(
    `has the shape of the specification (${whyNoSpecification ?? "openapi.yaml"})`,
    async () => {
      expect(complaints("GET", "/api_keys", 200, await listed())).toEqual([]);
    },
  );
});

describe("the list of costs", () => {
  it("names every operation that does not cost ten tokens, those too that the sandbox has not", async () => {
    const { body } = await get<{ endpoint_costs: { method: string; path: string; cost: number }[] }>(
      sandbox,
      "/account/endpoint_costs",
    );
    const listed = body.endpoint_costs.map(
      ({ method, path, cost }) => `${method} ${path.replace("/trade-api/v2", "")} ${cost}`,
    );
    expect(listed.sort()).toEqual(
      [
        "DELETE /communications/quotes/:quote_id 2",
        "DELETE /communications/rfqs/:rfq_id/quotes/:quote_id 2",
        "DELETE /portfolio/events/orders 2",
        "DELETE /portfolio/events/orders/:order_id 2",
        "DELETE /portfolio/events/orders/batched 2",
        "GET /cfbenchmarks 150",
        "GET /cfbenchmarks/*endpoint 150",
        "GET /communications/quotes/:quote_id 2",
        "GET /communications/rfqs/:rfq_id/quotes/:quote_id 2",
        "GET /portfolio/orders/:order_id 2",
        "POST /account/api_usage_level/upgrade 30",
        "POST /communications/quotes 2",
      ].sort(),
    );
  });
});

describe("order writes of the first version", () => {
  it("are refused, and say where orders are placed now", async () => {
    const path = "/portfolio/orders";
    const key = { id: sandbox.ready.key_id, pem: sandbox.privateKey };
    const headers = signedHeaders(key, "POST", `/trade-api/v2${path}`);
    const { status, text } = await get(sandbox, path, { method: "POST", headers });
    expect(status).toBe(410);
    expect(text).toContain("/portfolio/events/orders");
  });
});
