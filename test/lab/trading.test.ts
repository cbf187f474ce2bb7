import { generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { createSigner } from "../../src/client/signing.js";
import { Trading } from "../../src/lab/trading.js";
import { expectRejection } from "../support/errors.js";
import { answer, type Scripted, scriptedServer } from "../support/scripted-http.js";

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const order = { ticker: "A", side: "bid", count: 1, price: "0.56", clientOrderId: "mine-1" } as const;
const placed = {
  order_id: "0a0a0a0a-0000-4000-8000-000000000001",
  fill_count: "1.00",
  remaining_count: "0.00",
  ts_ms: 1,
};

describe("an order", () => {
  const open: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  async function against(script: Scripted): Promise<{ trading: Trading; sent: () => number }> {
    const server = await scriptedServer(script);
    const client = new Client({
      baseUrl: server.baseUrl,
      signer: createSigner({ keyId: "key", privateKey: pem }),
      timeoutMs: 500,
    });
    open.push(client, server);
    return { trading: new Trading(client, true), sent: () => server.requests.length };
  }

  it("is read as the exchange answers it, amounts as exact integers", async () => {
    const { trading } = await against((_, response) =>
      answer(response, 201, { ...placed, average_fill_price: "0.5600" }),
    );
    expect(await trading.place(order)).toMatchObject({
      fill_count: 100,
      remaining_count: 0,
      average_fill_price: 560_000,
    });
  });

  it.each<[string, Scripted, string]>([
    [
      "the answer is of an unknown shape",
      (_, response) => answer(response, 201, { ...placed, average_fill_price: 0.56 }),
      "BAD_RECORD",
    ],
    ["the answer is no order at all", (_, response) => answer(response, 201, []), "BAD_RECORD"],
    ["the answer is cut off", (_, response) => response.writeHead(201).end('{"order_id":'), "BAD_RESPONSE"],
    ["the connection is reset", (request) => request.socket.destroy(), "UNREACHABLE"],
    ["the exchange fails", (_, response) => answer(response, 503, {}), "SERVER_FAILED"],
    ["there is no answer in time", () => undefined, "TIMED_OUT"],
  ])("may have been placed when %s: said so, with the id to look it up by, and sent once", async (_, script, code) => {
    const { trading, sent } = await against(script);
    const error = await expectRejection(trading.place(order), code as "BAD_RECORD", /look it up .* mine-1/);
    expect(error.message).toMatch(/may or may not/);
    expect(sent()).toBe(1);
  });

  it("was not placed when the exchange refuses it, and says why", async () => {
    const { trading } = await against((_, response) =>
      answer(response, 400, { error: { code: "insufficient_balance", message: "no" } }),
    );
    await expectRejection(trading.place(order), "ORDER_REFUSED", /free money/);
  });
});
