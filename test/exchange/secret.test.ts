import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { generateApiKey } from "../../src/exchange/operations/api-keys.js";
import { expectRejection } from "../support/errors.js";
import { type ScriptedClient, type Step, scriptedClient } from "../support/scripted-client.js";

const pem = "-----BEGIN PRIVATE KEY-----\nnot a real one\n-----END PRIVATE KEY-----";

describe("a private key that the exchange has made", () => {
  let open: ScriptedClient | null = null;

  afterEach(() => open?.close());

  async function generate(body: unknown): ReturnType<typeof generateApiKey> {
    open = await scriptedClient((): Step => (typeof body === "string" ? { text: body } : [201, body]));
    return generateApiKey(open.client, { name: "research", key_type: "ed25519", scopes: ["read"] });
  }

  it("is had by reveal() and shows itself nowhere else", async () => {
    const key = await generate({ api_key_id: "0a", key_type: "ed25519", private_key: pem });
    expect(open?.sent).toEqual([
      { line: "POST /api_keys/generate", body: { name: "research", key_type: "ed25519", scopes: ["read"] } },
    ]);
    expect(key.private_key.reveal()).toBe(pem);
    const shown = [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key), `${key.private_key}`];
    shown.push(inspect(Object.entries(key)), JSON.stringify({ ...key.private_key }), String(key.private_key));
    for (const text of shown) expect(text).not.toContain("not a real one");
    expect(JSON.parse(JSON.stringify(key))).toMatchObject({ api_key_id: "0a", private_key: "[private key]" });
  });

  it.each([[{ api_key_id: "0a", private_key: [pem] }], [{ api_key_id: 7, private_key: pem }]])(
    "is in no error of an answer that cannot be read",
    async (body) => {
      const error = await expectRejection(generate(body), "BAD_RECORD", /before sending it again/);
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain("not a real one");
    },
  );

  it("is in no error of an answer that was cut off, and another one is not asked for lightly", async () => {
    const cut = `{"private_key":${JSON.stringify(pem)},"wa`;
    const error = await expectRejection(generate(cut), "BAD_RESPONSE", /before sending it again/);
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain("not a real");
    expect(open?.sent).toHaveLength(1);
  });
});
