import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { createSigner } from "../../src/client/signing.js";
import { openSocket } from "../../src/client/socket.js";
import { expectRejection } from "../support/errors.js";
import { freshPem } from "../support/keys.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";

const signer = createSigner({ keyId: "the-key-id", privateKey: freshPem() });
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A host that sends to another with a status; `asked` is what the other has heard, over any connection. */
async function redirecting(
  status: number,
  path = "/login?token=hush",
): Promise<{ from: ScriptedServer; asked: () => number }> {
  const other = await scriptedServer((_, response) => answer(response, 200, { ok: 1 }));
  const from = await scriptedServer((_, response) =>
    response.writeHead(status, { location: `${new URL(other.baseUrl).origin}${path}` }).end(),
  );
  open.push(from, other);
  return { from, asked: () => other.requests.length };
}

const NOT_FOLLOWED = /redirects to http:\/\/127\.0\.0\.1:\d+, and was not followed/;

describe.each([301, 302, 303, 307, 308])("a redirect to another host with %d", (status) => {
  it.each(["GET", "POST", "DELETE"] as const)(
    "is an error that says so, and %s takes nothing there",
    async (method) => {
      const { from, asked } = await redirecting(status);
      const client = new Client({ baseUrl: from.baseUrl, signer, retry: { baseMs: 1 } });
      open.unshift(client);
      const asking = client.json({ method, path: "/portfolio/balance", access: "signed" });
      const error = await expectRejection(asking, "BAD_RESPONSE", /signed headers stay with their host.*base URL/);
      expect(error.message).toMatch(NOT_FOLLOWED);
      expect(error.context.status).toBe(status);
      expect(JSON.stringify(error) + error.stack).not.toContain("hush");
      // Asking again would lead to the same place.
      expect(from.requests.length).toBe(1);
      expect(from.requests[0]!.headers["kalshi-access-signature"]).toBeDefined();
      expect(asked()).toBe(0);
    },
  );

  it("ends a handshake in the same words", async () => {
    const { from, asked } = await redirecting(status);
    const opening = openSocket({ url: from.baseUrl.replace("http:", "ws:"), signer, onFrame: () => undefined });
    const error = await expectRejection(opening, "BAD_RESPONSE", /signed headers stay with their host/);
    expect(error.message).toMatch(NOT_FOLLOWED);
    expect(asked()).toBe(0);
  });
});

describe("a redirect", () => {
  it("to another path of the same host is not followed either: the path is what was signed", async () => {
    const server = await scriptedServer((request, response) => {
      if (request.url === "/there") answer(response, 200, {});
      else response.writeHead(302, { location: "/there" }).end("<html>moved</html>");
    });
    const client = new Client({ baseUrl: server.baseUrl, signer });
    open.push(client, server);
    const asking = client.json({ path: "/portfolio/balance", access: "signed" });
    const error = await expectRejection(asking, "BAD_RESPONSE", /base URL/);
    expect(error.message).toMatch(NOT_FOLLOWED);
    expect(server.requests.length).toBe(1);
  });

  it("without a place to go to is told too", async () => {
    const server = await scriptedServer((_, response) => response.writeHead(302).end());
    const client = new Client({ baseUrl: server.baseUrl, signer });
    open.push(client, server);
    const asking = client.json({ path: "/exchange/status", access: "public" });
    expect((await expectRejection(asking, "BAD_RESPONSE", /base URL/)).message).toMatch(/redirects to nowhere/);
  });
});

describe("the other host of these tests", () => {
  it("would hear a request that is sent to it", async () => {
    const { from, asked } = await redirecting(307);
    const response = await fetch(from.baseUrl);
    expect(response.status).toBe(200);
    expect(asked()).toBe(1);
  });
});
