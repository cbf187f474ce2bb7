import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Keyring } from "../../../src/sandbox/rest/auth.js";
import { Limits } from "../../../src/sandbox/rest/limits.js";
import { Router } from "../../../src/sandbox/rest/router.js";
import { createRestServer } from "../../../src/sandbox/rest/server.js";
import type { Reply, Route, SandboxRequest } from "../../../src/sandbox/types.js";
import { Refused, refusal } from "../../../src/sandbox/wire/replies.js";
import { wireText } from "../../../src/sandbox/wire/wire.js";
import { movingCutoffs } from "../../../src/sandbox/world/tiers.js";
import { MemoryWorld } from "../../../src/sandbox/world/world.js";

const wall = { now: () => Date.now() * 1000 };

function route(method: Route["method"], path: string, handle: (request: SandboxRequest) => Reply): Route {
  return { method, path, access: "public", bucket: "write", cost: 10, handle };
}

describe("the REST server", () => {
  let server: Server;
  let base = "";
  beforeAll(async () => {
    server = createRestServer({
      router: new Router([
        route("POST", "/echo", ({ body }) => ({ status: 201, body: { got: body as string } })),
        route("GET", "/things/:id", ({ params }) => ({ status: 200, body: { id: params.id } })),
        route("GET", "/things/special", () => ({ status: 200, body: { special: true } })),
        route("DELETE", "/things", () => ({ status: 204 })),
        route("GET", "/refused", () => {
          throw new Refused(refusal(409, "taken", "taken", "by another"));
        }),
        route("GET", "/broken", () => {
          throw new RangeError("a mistake of ours");
        }),
      ]),
      keyring: new Keyring(wall),
      limits: new Limits({ tier: "premier", wall, unsigned: { rate: 1e6, capacity: 1e6 } }),
      world: new MemoryWorld({ seed: "s", clock: wall, cutoffs: movingCutoffs }),
      latencyMs: 0,
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/trade-api/v2`;
  });
  afterAll(() => server?.close());

  const send = async (path: string, init?: RequestInit) => {
    const response = await fetch(base + path, init);
    return `${response.status} ${await response.text()}`;
  };
  const post = (body: string, type = "application/json") =>
    send("/echo", { method: "POST", body, headers: { "content-type": type } });

  it("hands on bodies in JSON, and tells the other kinds apart", async () => {
    expect(await post('{"a":1}')).toBe('201 {"got":{"a":1}}');
    expect(await post('{"a":')).toMatch(/^400 \{"code":"bad_request","details":"json: /);
    expect(await post('{"a":1}', "text/plain")).toBe(
      '400 {"error":{"code":"invalid_content_type","message":"invalid content type"}}',
    );
    expect(await post(`"${"x".repeat(5_000_000)}"`)).toMatch(/^400 .*too large/);
  });

  it("prefers the path spelled out to the one with a parameter, and decodes parameters", async () => {
    expect(await send("/things/special")).toBe('200 {"special":true}');
    expect(await send("/things/a%2Fb%20c")).toBe('200 {"id":"a/b c"}');
  });

  it("sends no body with 204", async () => {
    expect(await send("/things", { method: "DELETE" })).toBe("204 ");
  });

  it("answers refusals as they are, and its own mistakes with 500, and goes on", async () => {
    expect(await send("/refused")).toBe('409 {"error":{"code":"taken","details":"by another","message":"taken"}}');
    expect(await send("/broken")).toMatch(/^500 \{"error":\{"code":"internal_error"/);
    expect(await send("/things/1")).toBe('200 {"id":"1"}');
  });

  it("survives a client that leaves in the middle of its body", async () => {
    await new Promise<void>((resolve) => {
      const half = request(`${base}/echo`, { method: "POST", headers: { "content-length": "100" } });
      half.on("error", () => resolve());
      half.write("{", () => half.destroy());
    });
    expect(await send("/things/1")).toBe('200 {"id":"1"}');
  });

  it("keeps connections open between requests", async () => {
    const { headers } = await fetch(`${base}/things/1`);
    expect(headers.get("connection")).toBe("keep-alive");
    expect(createServer().keepAliveTimeout).toBeLessThan(server.keepAliveTimeout);
  });
});

describe("text on the wire", () => {
  it("has keys in alphabetical order at every depth and leaves out what is undefined", () => {
    const value = { b: [{ d: 1, c: null }], a: undefined, A: { z: "°", y: undefined } };
    expect(wireText(value)).toBe('{"A":{"z":"°"},"b":[{"c":null,"d":1}]}');
  });
});
