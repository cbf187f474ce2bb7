import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Client, type ClientOptions } from "../../src/client/http.js";
import { createSigner } from "../../src/client/signing.js";
import type { ErrorCode } from "../../src/errors.js";
import { type Against, against, quick } from "../support/against.js";
import { expectError, expectRejection } from "../support/errors.js";
import { answer, type Scripted } from "../support/scripted-http.js";

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const signer = createSigner({ keyId: "the-key-id", privateKey: pem });
const status = { path: "/exchange/status", access: "public" } as const;

describe("Client", () => {
  const asking = (script: Scripted, options: Partial<ClientOptions> = {}): Promise<Against> =>
    against(script, { signer, ...options });

  it.each<[string, Scripted]>([
    ["a 503", (_, response) => answer(response, 503, {})],
    [
      "a gateway's HTML",
      (_, response) => response.writeHead(502, { "content-type": "text/html" }).end("<html>502</html>"),
    ],
    ["HTML under a 200", (_, response) => response.writeHead(200).end("<html>login</html>")],
    ["JSON that is cut off", (_, response) => response.writeHead(200).end('{"trades":[{"trade')],
    ["a connection reset", (request) => request.socket.destroy()],
    ["a 429", (_, response) => answer(response, 429, { error: "too many requests" })],
  ])("asks again after %s, and gives the answer that then comes", async (_, fault) => {
    const { client, server } = await asking((request, response, count) =>
      count < 3 ? fault(request, response, count) : answer(response, 200, { ok: 1 }),
    );
    expect(await client.json(status)).toEqual({ ok: 1 });
    expect(server.requests.length).toBe(3);
    expect(client.usage.retries).toBe(2);
  });

  it.each<[string, Scripted, ErrorCode, RegExp]>([
    ["503 for ever", (_, response) => answer(response, 503, {}), "SERVER_FAILED", /try again/],
    ["HTML for ever", (_, response) => response.writeHead(200).end("<html>"), "BAD_RESPONSE", /base URL/],
    ["resets for ever", (request) => request.socket.destroy(), "UNREACHABLE", /network/],
  ])("gives up on %s after the policy's tries, saying what to do", async (_, fault, code, hint) => {
    const { client, server } = await asking(fault);
    await expectRejection(client.json(status), code, hint);
    expect(server.requests.length).toBe(quick.attempts);
  });

  it.each<[string, number, unknown, ErrorCode, RegExp]>([
    [
      "missing headers",
      401,
      { error: { code: "signature_is_missing_from_headers", message: "x" } },
      "KEY_MISSING",
      /KALSHI_API_KEY_ID/,
    ],
    ["an expired time", 401, { error: { code: "header_timestamp_expired", message: "x" } }, "CLOCK_OFF", /clock/],
    [
      "an unknown key",
      401,
      { error: { code: "authentication_error", message: "x", details: "NOT_FOUND" } },
      "KEY_UNKNOWN",
      /environment/,
    ],
    [
      "a bad signature",
      401,
      { error: { code: "authentication_error", message: "x", details: "INCORRECT_API_KEY_SIGNATURE" } },
      "KEY_REFUSED",
      /belong together/,
    ],
    ["a missing scope", 403, { error: { code: "forbidden", message: "x" } }, "FORBIDDEN", /scope/],
    ["a bad parameter", 400, { msg: "Parameter validation failed" }, "REQUEST_REFUSED", /parameter/],
    [
      "an undecodable body",
      400,
      { code: "bad_request", message: "bad request", details: "json: cannot unmarshal" },
      "REQUEST_REFUSED",
      /said/,
    ],
    ["an unknown thing", 404, { error: { code: "not_found", message: "not found" } }, "NOT_FOUND", /historical/],
  ])("tells %s apart at once, without asking again", async (_, code, body, expected, hint) => {
    const { client, server } = await asking((_request, response) => answer(response, code, body));
    await expectRejection(client.json(status), expected, hint);
    expect(server.requests.length).toBe(1);
  });

  it("never sends an order twice, whatever becomes of the first", async () => {
    const { client, server } = await asking((request) => request.socket.destroy());
    await expectRejection(
      client.json({ method: "POST", path: "/portfolio/events/orders", access: "signed", body: {} }),
      "UNREACHABLE",
      /network/,
    );
    expect(server.requests.length).toBe(1);
  });

  it("gives up a request that takes longer than its time", async () => {
    const { client } = await asking(() => undefined, { timeoutMs: 50, retry: { ...quick, attempts: 1 } });
    await expectRejection(client.json(status), "TIMED_OUT", /again/);
  });

  it("ends with INTERRUPTED when it is aborted while it waits for an answer", async () => {
    const stop = new AbortController();
    const { client } = await asking(() => stop.abort());
    await expectRejection(client.json({ ...status, signal: stop.signal }), "INTERRUPTED", /go on/);
  });

  it("ends at once with INTERRUPTED what is under way when it is closed", async () => {
    let arrived: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { client } = await asking(() => arrived());
    const ended = expectRejection(client.json(status), "INTERRUPTED", /go on/);
    await asked;
    await client.close();
    await ended;
  });

  it("fills its buckets from what the account may, and charges what an endpoint costs", async () => {
    const { client } = await asking((request, response) =>
      request.url?.endsWith("/account/limits")
        ? answer(response, 200, {
            read: { bucket_capacity: 900, refill_rate: 300 },
            write: { bucket_capacity: 90, refill_rate: 30 },
          })
        : answer(response, 200, {
            default_cost: 10,
            endpoint_costs: [{ method: "GET", path: "/trade-api/v2/portfolio/orders/:order_id", cost: 2 }],
          }),
    );
    await client.learnLimits();
    expect([client.read.size, client.write.size]).toEqual([
      { capacity: 900, refillRate: 300 },
      { capacity: 90, refillRate: 30 },
    ]);
    expect(client.costOf("GET", "/portfolio/orders/0a0a0a0a-0000-4000-8000-000000000001")).toBe(2);
    expect(client.costOf("GET", "/markets")).toBe(10);
  });

  it.each(["", "localhost", "localhost:8080/trade-api/v2", "127.0.0.1:8080", "ftp://127.0.0.1/x", "wss://127.0.0.1/x"])(
    "is not made for what is no base URL: %j",
    (baseUrl) => {
      const error = expectError(
        () => new Client({ baseUrl, signer }),
        "BAD_ARGUMENT",
        /base URL with its prefix.*http:/,
      );
      expect(error.message).toContain(JSON.stringify(baseUrl));
    },
  );

  it("refuses to carry a key in the clear to another machine, and an unsigned call to what needs a key", async () => {
    expectError(() => new Client({ baseUrl: "http://example.com/trade-api/v2", signer }), "KEY_WRONG_HOST", /https/);
    const { client } = await asking(() => undefined, { signer: undefined });
    await expectRejection(
      client.json({ path: "/portfolio/balance", access: "signed" }),
      "KEY_MISSING",
      /KALSHI_PRIVATE_KEY_PATH/,
    );
  });

  it("keeps key, signature and signed headers out of its errors", async () => {
    const { client, server } = await asking((_, response) =>
      answer(response, 401, { error: { code: "authentication_error", message: "no" } }),
    );
    const error = await expectRejection(client.json(status), "KEY_REFUSED", /doctor/);
    const told = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error) + error.toString();
    const sent = server.requests[0]!.headers["kalshi-access-signature"] as string;
    expect(sent.length).toBeGreaterThan(20);
    expect(told).not.toContain(sent);
    expect(told).not.toContain(pem.split("\n")[1]);
  });
});
