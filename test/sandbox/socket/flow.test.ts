import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { signedHeaders } from "../../support/sandbox-call.js";
import { openClient } from "../../support/socket.js";
import { subscribe } from "../../support/socket-stage.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ keyType: "ed25519" });
});
afterAll(() => sandbox.close());

async function flow(query: string): Promise<[number, unknown]> {
  const answer = await fetch(`${sandbox.ready.control_url}/flow?${query}`, { method: "POST" });
  return [answer.status, await answer.json()];
}

describe("a flow that the control port asks for", () => {
  it("comes over the socket without a hole, about as fast as it was asked to", async () => {
    const key = { id: sandbox.ready.key_id, pem: sandbox.privateKey };
    const client = await openClient(sandbox.ready.ws_url, signedHeaders(key, "GET", "/trade-api/ws/v2"));
    subscribe(client, ["orderbook_delta"], { market_ticker: "SANDBOX-LIVE-T55" });
    await client.find(({ type }) => type === "orderbook_snapshot");
    const asked = { per_second: 2_000, ticker: "SANDBOX-LIVE-T55" };
    expect(await flow("ticker=SANDBOX-LIVE-T55&per_second=2000")).toEqual([200, asked]);
    const first = client.frames.length;
    await client.find(({ seq }) => (seq ?? 0) >= first + 1_000);
    const numbers = client.frames.flatMap(({ seq }) => seq ?? []);
    expect(numbers).toEqual(numbers.map((_, n) => n + 1));
    const times = client.frames.slice(first).flatMap(({ msg }) => msg.ts_ms ?? []);
    const perSecond = (times.length / (times.at(-1) - times[0])) * 1_000;
    expect(perSecond).toBeGreaterThan(1_500);
    expect(perSecond).toBeLessThan(2_500);
    client.socket.terminate();
  });

  it("is refused for a rate that is none and for a market that has none", async () => {
    for (const rate of ["x", "-1", "1000001"]) {
      expect((await flow(`ticker=SANDBOX-LIVE-T55&per_second=${rate}`))[0]).toBe(400);
    }
    expect((await flow("ticker=SANDBOX-LIVE-T55"))[0]).toBe(400);
    expect((await flow("ticker=NOSUCH&per_second=1"))[0]).toBe(404);
  });
});
