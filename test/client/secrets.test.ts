import { generateKeyPairSync } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { createSigner } from "../../src/client/signing.js";
import { openSocket } from "../../src/client/socket.js";
import { KalshiError } from "../../src/errors.js";
import { expectClean, pemOf, secretsOf, shownOf } from "../support/keys.js";
import { answer, type Scripted, scriptedServer } from "../support/scripted-http.js";

const keyId = "11111111-2222-3333-4444-555555555555";
const keys = [
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
  ["Ed25519", generateKeyPairSync("ed25519").privateKey],
] as const;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** What a server that says back what it was sent would say. */
function echo({ headers }: IncomingMessage): string {
  const signature = String(headers["kalshi-access-signature"]);
  return `${signature} was sent, ${encodeURIComponent(signature)}`;
}

const said = (status: number, of: (text: string) => unknown): Scripted => {
  return (request, response) => answer(response, status, of(echo(request)));
};

/** Each way in which an exchange, or what stands between, can fail, saying back the signature where it says anything. */
const faults: readonly (readonly [string, Scripted])[] = [
  ["a 401 in the usual shape", said(401, (text) => ({ error: { code: text, message: text, details: text } }))],
  ["a 401 in the flat shape", said(401, (text) => ({ code: "x", message: text, details: text }))],
  ["a 401 for the time", said(401, (text) => ({ error: { code: "header_timestamp_expired", message: text } }))],
  ["a 400 of a parameter", said(400, (text) => ({ msg: text }))],
  ["a 403", said(403, (text) => ({ error: { code: "forbidden", message: text } }))],
  ["a 404", said(404, (text) => ({ error: { code: "not_found", message: text } }))],
  ["a 429", said(429, (text) => ({ error: text }))],
  ["a 503", said(503, (text) => ({ error: { code: "unavailable", message: text } }))],
  [
    "a page of a gateway",
    (request, response) =>
      response.writeHead(502, { "content-type": "text/html" }).end(`<html>${echo(request)}</html>`),
  ],
  ["a page under a 200", (request, response) => response.writeHead(200).end(`<p>${echo(request)}`)],
  ["text that is no JSON", (request, response) => response.writeHead(200).end(echo(request))],
  ["JSON that is cut off", (request, response) => response.writeHead(200).end(`{"a":"${echo(request)}`)],
  ["an empty answer", (_, response) => response.writeHead(200).end()],
  [
    "a redirect",
    (request, response) =>
      response.writeHead(302, { location: `https://other.example/?s=${encodeURIComponent(echo(request))}` }).end(),
  ],
  ["a connection reset", (request) => request.socket.destroy()],
  [
    "an answer that breaks off",
    (request, response) => {
      response.writeHead(200, { "content-length": "900" });
      response.write(`{"a":"${echo(request)}`, () => request.socket.destroy());
    },
  ],
  ["an answer that is no HTTP", (request) => request.socket.end(`HTTQ ${echo(request)}\r\n\r\n`)],
  ["a header that is no header", (request) => request.socket.end(`HTTP/1.1 200 OK\r\n${echo(request)}\u0000\r\n\r\n`)],
  ["no answer in time", () => undefined],
];

describe.each(keys)("an error of a request signed with %s", (_, privateKey) => {
  const signer = createSigner({ keyId, privateKey: pemOf(privateKey) });
  const secrets = secretsOf(privateKey);

  it.each(faults)("shows neither key nor signature after %s", async (name, fault) => {
    const sent: string[] = [];
    const server = await scriptedServer((request, response, count) => {
      sent.push(String(request.headers["kalshi-access-signature"]));
      fault(request, response, count);
    });
    const retry = { attempts: 2, baseMs: 20, ceilingMs: 40, deadlineMs: 30 };
    const client = new Client({ baseUrl: server.baseUrl, signer, retry, timeoutMs: 200 });
    open.push(client, server);
    for (const method of ["GET", "POST"] as const) {
      // An empty answer to a write is none that failed.
      if (name === "an empty answer" && method === "POST") continue;
      const asked = client.json({ method, path: "/portfolio/orders", body: { a: 1 }, access: "signed" });
      const error = await asked.then(
        () => null,
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(KalshiError);
      const shown = shownOf(error);
      expectClean(secrets, shown);
      expect(sent.length).toBeGreaterThan(0);
      // Not a good part of one either, as a text that is shortened has it.
      for (const signature of sent) expect(shown.includes(signature.slice(0, 40))).toBe(false);
    }
    expectClean(secrets, shownOf(client));
  });

  it.each(faults)("shows neither at a socket's handshake after %s", async (_name, fault) => {
    const upgrading = await scriptedServer(fault);
    open.push(upgrading);
    const url = upgrading.baseUrl.replace("http:", "ws:");
    const error = await openSocket({ url, signer, onFrame: () => undefined, timeoutMs: 200 }).then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(KalshiError);
    expect(upgrading.requests.length).toBe(1);
    const signature = String(upgrading.requests[0]!.headers["kalshi-access-signature"]);
    expect(signature.length).toBeGreaterThan(80);
    expectClean(secrets, shownOf(error));
    expect(shownOf(error).includes(signature.slice(0, 40))).toBe(false);
  });

  it("shows neither when the host cannot be reached, nor when the client was closed", async () => {
    const server = await scriptedServer(() => undefined);
    await server.close();
    const client = new Client({ baseUrl: server.baseUrl, signer, retry: { attempts: 1 } });
    const unreachable = await client.json({ path: "/x", access: "signed" }).catch((error: unknown) => error);
    await client.close();
    const closed = await client.json({ path: "/x", access: "signed" }).catch((error: unknown) => error);
    expect([unreachable, closed].map((error) => (error as KalshiError).code)).toEqual(["UNREACHABLE", "INTERRUPTED"]);
    for (const error of [unreachable, closed]) expectClean(secrets, shownOf(error));
  });
});
