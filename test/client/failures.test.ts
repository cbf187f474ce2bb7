import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { transportError } from "../../src/client/faults.js";
import { type ApiRequest, Client, type ClientOptions } from "../../src/client/http.js";
import type { ErrorCode } from "../../src/errors.js";
import { type Against, against, closing, quick } from "../support/against.js";
import { selfSigned } from "../support/certificate.js";
import { expectRejection } from "../support/errors.js";
import { answer, type Scripted } from "../support/scripted-http.js";
import { aSigner } from "../support/signer.js";
import { until } from "../support/wait.js";

const status: ApiRequest = { path: "/exchange/status", access: "public" };
const order: ApiRequest = { method: "POST", path: "/portfolio/events/orders", access: "signed", body: { count: "1" } };
const PAGE = "<!DOCTYPE html><title>Sign in</title>";

function raw(response: ServerResponse, code: number, type: string, body: string): void {
  response.writeHead(code, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}

/** The head of an answer and half of its body, then no more. */
function half(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": 100 }).write('{"trades":[');
}

const json = "application/json";
const faults: readonly (readonly [string, Scripted, ErrorCode, RegExp])[] = [
  ...[500, 502, 503, 504].map(
    (code) =>
      [`${code}`, (_: IncomingMessage, r: ServerResponse) => answer(r, code, {}), "SERVER_FAILED", /status/] as const,
  ),
  ["a gateway's page", (_, r) => raw(r, 502, "text/html", PAGE), "SERVER_FAILED", /gateway answered for the exchange/],
  ["an empty 503", (_, r) => raw(r, 503, json, ""), "SERVER_FAILED", /try again/],
  ["a page under a 200", (_, r) => raw(r, 200, "text/html; charset=utf-8", PAGE), "BAD_RESPONSE", /login page/],
  ["a page that says it is JSON", (_, r) => raw(r, 200, json, `\n ${PAGE}`), "BAD_RESPONSE", /login page/],
  ["an empty 200", (_, r) => raw(r, 200, json, ""), "BAD_RESPONSE", /dropped its body/],
  ["JSON that ends too early, as long as it says", (_, r) => raw(r, 200, json, '{"a":[1,'), "BAD_RESPONSE", /cut off/],
  ["a reset before the answer", (request) => request.socket.destroy(), "UNREACHABLE", /check the network/],
  [
    "a reset in the middle of the answer",
    (_, r) => {
      half(r);
      setImmediate(() => r.socket?.resetAndDestroy());
    },
    "UNREACHABLE",
    /try again/,
  ],
  ["an answer that never begins", () => undefined, "TIMED_OUT", /try again/],
  ["an answer that stops in the middle", (_, r) => half(r), "TIMED_OUT", /try again/],
];

describe("a request that fails", () => {
  const asking = (script: Scripted, options: Partial<ClientOptions> = {}): Promise<Against> =>
    against(script, { signer: aSigner(), timeoutMs: 60, ...options });

  it.each(faults)("is asked again after %s when it only reads, and gives what then comes", async (_, fault) => {
    const { client, server } = await asking((request, response, count) =>
      count < 3 ? fault(request, response, count) : answer(response, 200, { ok: 1 }),
    );
    expect(await client.json(status)).toEqual({ ok: 1 });
    expect(server.requests.length).toBe(3);
    expect(client.usage).toMatchObject({ requests: 3, retries: 2, failed: 2, limited: 0 });
  });

  it.each(faults)("says after %s what it was, how often it was tried, and what to do", async (_, fault, code, hint) => {
    const { client, server } = await asking(fault);
    const error = await expectRejection(client.json(status), code, hint);
    expect(server.requests.length).toBe(quick.attempts);
    expect(error.context).toMatchObject({ method: "GET", path: "/exchange/status", tries: quick.attempts });
    expect(error.context.elapsedMs).toBeTypeOf("number");
    expect(error.message).toContain(`(${quick.attempts} tries in `);
  });

  it.each(faults.filter(([name]) => name !== "an empty 200"))(
    "is never sent again after %s when it changes something",
    async (_, fault, code, hint) => {
      const { client, server } = await asking(fault);
      const error = await expectRejection(client.json(order), code, hint);
      expect(server.requests.length).toBe(1);
      expect(error.context.tries).toBe(1);
      expect(error.context.sent).not.toBe(false);
      expect(client.usage).toMatchObject({ retries: 0, failed: 1 });
    },
  );

  it("is sent again after a 429 also when it changes something: the exchange has not looked at it yet", async () => {
    const { client, server } = await asking((_, response, count) =>
      count < 3 ? answer(response, 429, { error: "too many requests" }) : answer(response, 201, { order_id: "x" }),
    );
    expect(await client.json(order)).toEqual({ order_id: "x" });
    expect(server.requests.length).toBe(3);
    expect(client.usage).toMatchObject({ retries: 2, failed: 0, limited: 2 });
  });

  it("says that it was refused for too many requests when that does not end before the deadline", async () => {
    const { client } = await asking((_, r) => answer(r, 429, { error: { code: "too_many_requests" } }), {
      retry: { ...quick, attempts: 1, baseMs: 20, ceilingMs: 40, deadlineMs: 500 },
    });
    const error = await expectRejection(client.json(status), "RATE_LIMITED", /another program/);
    // More than the policy has tries for what fails.
    expect(error.context.tries).toBeGreaterThan(1);
    expect(client.usage).toMatchObject({ failed: 0, limited: error.context.tries });
  });

  it("is not sent to a host whose certificate nobody vouches for, nor tried again", async () => {
    let heard = 0;
    const server = createTlsServer(selfSigned("localhost"), () => (heard += 1));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing(server);
    const { port } = server.address() as { port: number };
    const baseUrl = `https://127.0.0.1:${port}/trade-api/v2`;
    const client = closing(new Client({ baseUrl, retry: quick, signer: aSigner() }));
    for (const request of [status, order]) {
      const error = await expectRejection(
        client.json(request),
        "UNREACHABLE",
        /NODE_EXTRA_CA_CERTS.*check the host name/,
      );
      expect(error.message).toContain(`cannot trust the certificate of https://127.0.0.1:${port}`);
      expect(error.context).toMatchObject({ sent: false, certain: true, tries: 1 });
    }
    expect(heard).toBe(0);
  });

  it("says that nothing was sent where nobody listens, so that an order may be placed anew", async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const baseUrl = `http://127.0.0.1:${port}/trade-api/v2`;
    const client = closing(new Client({ baseUrl, retry: quick, signer: aSigner() }));
    const read = await expectRejection(client.json(status), "UNREACHABLE", /host name/);
    expect(read.context).toMatchObject({ code: "ECONNREFUSED", sent: false, tries: quick.attempts });
    const write = await expectRejection(client.json(order), "UNREACHABLE", /host name/);
    expect(write.context).toMatchObject({ sent: false, tries: 1 });
  });

  it("says that nothing was sent when it is stopped while it waits for tokens, also after a refusal", async () => {
    const stop = new AbortController();
    const { client, server } = await asking((_, response) => {
      answer(response, 429, { error: "too many requests" });
      // Refilled too slowly for a second try: that waits, and is stopped there.
      client.write.resize({ capacity: 100, refillRate: 0.001 });
    });
    const refusing = expectRejection(client.json({ ...order, signal: stop.signal }), "INTERRUPTED", /run it again/);
    await until(() => client.usage.limited === 1, "the refusal");
    stop.abort();
    expect((await refusing).context.sent).toBe(false);
    expect(server.requests.length).toBe(1);
    const waiting = expectRejection(client.json(order), "INTERRUPTED", /run it again/);
    await client.close();
    const closed = await waiting;
    expect(closed.context.sent).toBe(false);
    expect(server.requests.length).toBe(1);
  });

  it("says that nothing was sent when it is stopped while it waits for a connection", async () => {
    // A machine that takes the connection and never shakes hands: no request is written until it has.
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as { port: number };
    const client = new Client({ baseUrl: `https://127.0.0.1:${port}/trade-api/v2`, signer: aSigner() });
    const connected = new Promise<Socket>((resolve) => mute.once("connection", resolve));
    const waiting = expectRejection(client.json(order), "INTERRUPTED", /run it again/);
    const socket = await connected;
    await client.close();
    const error = await waiting;
    expect(error.context.sent).toBe(false);
    socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });

  it("leaves open what became of it when it is stopped after it was handed to a connection", async () => {
    const stop = new AbortController();
    const { client } = await asking(() => stop.abort());
    const error = await expectRejection(client.json({ ...order, signal: stop.signal }), "INTERRUPTED", /run it again/);
    expect(error.context.sent).not.toBe(false);
  });

  it.each([
    ["EHOSTUNREACH", "read"],
    ["ENETUNREACH", "write"],
    ["ECONNREFUSED", "read"],
    ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", undefined],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", undefined],
  ])(
    "leaves open what became of it when its connection ends with %s, which an unmade one can also say",
    (code, syscall) => {
      const fault = Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
      const asked = { method: "POST", path: order.path, host: "https://h", clockOffsetMs: null };
      const { context, hint } = transportError(fault, asked, "sent");
      expect(context).toMatchObject({ code, sent: true });
      expect(context).not.toHaveProperty("certain");
      expect(hint).toMatch(/check the network/);
      expect(transportError(fault, asked, "unsent").context.sent).toBe(false);
    },
  );

  it.each([401, 403, 404])(
    "is not asked again after a web page of status %d, nor taken for the exchange's word",
    async (code) => {
      const { client, server } = await asking((_, r) => raw(r, code, "text/html", PAGE));
      const error = await expectRejection(client.json(status), "BAD_RESPONSE", /base URL/);
      expect(error.context.status).toBe(code);
      expect(server.requests.length).toBe(1);
    },
  );

  it("gives null for an empty answer where none is due", async () => {
    const { client } = await asking((request, r) =>
      request.method === "DELETE" ? r.writeHead(204).end() : raw(r, 200, json, ""),
    );
    expect(await client.json({ method: "DELETE", path: "/portfolio/events/orders", access: "signed" })).toBe(null);
    expect(await client.json({ method: "PUT", path: "/portfolio/subaccounts/netting", access: "signed" })).toBe(null);
  });
});
