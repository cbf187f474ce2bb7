import { describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { getMarketCandlesticksHistorical } from "../../src/exchange/operations/candlesticks.js";
import { getMarket } from "../../src/exchange/operations/markets.js";
import { expectRejection } from "../support/errors.js";
import { answer, scriptedServer } from "../support/scripted-http.js";

describe("an operation", () => {
  it.each([".", ".."])("is not sent with %j in its path, which would be another endpoint's", async (ticker) => {
    const server = await scriptedServer((_, response) => answer(response, 200, {}));
    const client = new Client({ baseUrl: server.baseUrl });
    await expectRejection(getMarket(client, { ticker }), "BAD_ARGUMENT", /as the exchange writes it/);
    expect(server.requests).toHaveLength(0);
    await client.close();
    await server.close();
  });

  it.each([
    [{ price: { open: 42 }, volume: "10.00" }, "open"],
    [{ price: {}, volume: 10 }, "volume"],
  ])("refuses archived candles in the shape before 2026: %j", async (old, field) => {
    const sides = { open: "0.1000", high: "0.1000", low: "0.1000", close: "0.1000" };
    const candle = { end_period_ts: 60, open_interest: "1.00", yes_bid: sides, yes_ask: sides, ...old };
    const body = { ticker: "A", candlesticks: [candle] };
    const server = await scriptedServer((_, response) => answer(response, 200, body));
    const client = new Client({ baseUrl: server.baseUrl });
    const asked = getMarketCandlesticksHistorical(client, { ticker: "A", start_ts: 0, end_ts: 60, period_interval: 1 });
    const error = await expectRejection(asked, "LEGACY_FIELDS", /text of/);
    expect(error.message).toMatch(new RegExp(`\`${field}\` as a number`));
    await client.close();
    await server.close();
  });
});
