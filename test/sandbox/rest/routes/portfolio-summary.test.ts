import { describe, expect, it } from "vitest";
import { portfolioRoutes } from "../../../../src/sandbox/rest/routes/portfolio.js";
import { ADVANCED, caller } from "../../../support/call.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { MEMBER, tinyEngine, tinyMarket, tinyWorld } from "../../../support/tiny-world.js";

const SERIES = "CALM";

/** A member who bids for 3 at $0.20 and offers 2 at $0.90. */
async function exchange() {
  const tiny = tinyWorld([tinyMarket({ ticker: "CALM-1-A", eventTicker: "CALM-1", seriesTicker: SERIES })]);
  const engine = tinyEngine(tiny);
  const call = caller(portfolioRoutes(engine, ADVANCED), tiny.world);
  for (const [side, price, count] of [
    ["bid", "0.20", "3"],
    ["ask", "0.90", "2"],
  ] as const) {
    const order = { side, price, count, time_in_force: "good_till_canceled" };
    const body = { ...order, ticker: "CALM-1-A", client_order_id: side, self_trade_prevention_type: "maker" };
    await call({ method: "POST", target: "/portfolio/events/orders", body, account: MEMBER });
  }
  return (target: string) => call({ target, account: MEMBER });
}

describe("what else an account may be asked", () => {
  it("is the worth of its resting orders, each at the price of what it buys", async () => {
    const get = await exchange();
    expect((await get("/portfolio/summary/total_resting_order_value")).body).toEqual({
      resting_order_value_breakdown: [{ balance: "0.8000", exchange_index: 0 }],
      total_resting_order_value: 80,
    });
  });

  it("is the money of its one subaccount, as the balance has it", async () => {
    const get = await exchange();
    const { body } = await get("/portfolio/subaccounts/balances");
    const { balance_dollars, updated_ts } = (await get("/portfolio/balance")).body;
    const only = { balance: balance_dollars, exchange_index: 0, subaccount_number: 0, updated_ts };
    expect(body.subaccount_balances).toEqual([only]);
  });

  it("is refused with a page size out of range", async () => {
    const get = await exchange();
    expect((await get("/portfolio/deposits?limit=501")).status).toBe(400);
    expect((await get("/portfolio/withdrawals?limit=0")).status).toBe(400);
  });

  it.skipIf(whyNoSpecification !== null)(
    `has the shape of the specification (${whyNoSpecification ?? "held against it"})`,
    async () => {
      const get = await exchange();
      const found: string[] = [];
      for (const path of [
        "/portfolio/summary/total_resting_order_value",
        "/portfolio/deposits",
        "/portfolio/withdrawals",
        "/portfolio/subaccounts/balances",
        "/portfolio/subaccounts/transfers",
        "/portfolio/subaccounts/netting",
        "/portfolio/intra_exchange_instance_transfers",
      ]) {
        const { status, body } = await get(path);
        found.push(...complaints("GET", path, status, body).map((what) => `${path}: ${what}`));
      }
      expect(found).toEqual([]);
    },
  );
});
