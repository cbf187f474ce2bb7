import { constants, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSigner, type SignedHeaders } from "../../src/client/signing.js";
import { expectNone, pemOf, secretsOf, shownOf } from "../support/keys.js";

const keyId = "11111111-2222-3333-4444-555555555555";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const large = generateKeyPairSync("rsa", { modulusLength: 3072 });
const ed25519 = generateKeyPairSync("ed25519");

const keys = [
  ["RSA, PKCS#1", pemOf(rsa.privateKey, "pkcs1"), rsa.publicKey, "rsa"],
  ["RSA, PKCS#8", pemOf(rsa.privateKey), rsa.publicKey, "rsa"],
  ["RSA of 3072 bits", pemOf(large.privateKey), large.publicKey, "rsa"],
  ["Ed25519, PKCS#8", pemOf(ed25519.privateKey), ed25519.publicKey, "ed25519"],
] as const;

describe("a signer", () => {
  it.each(keys)("signs timestamp, method and bare path with %s", (_, privateKey, publicKey, type) => {
    const signer = createSigner({ keyId, privateKey });
    expect(signer.keyType).toBe(type);
    const headers = signer.headers("get", "/trade-api/v2/portfolio/fills?limit=5#x", 1_703_123_456_789.9);
    expect(headers["KALSHI-ACCESS-KEY"]).toBe(keyId);
    expect(headers["KALSHI-ACCESS-TIMESTAMP"]).toBe("1703123456789");
    expect(Object.keys(headers).length).toBe(3);
    expect(verifies(publicKey, "1703123456789GET/trade-api/v2/portfolio/fills", headers)).toBe(true);
  });

  it.each(keys)("signs the same beside the thread, many at once, with %s", async (_, privateKey, publicKey) => {
    const signer = createSigner({ keyId, privateKey });
    const paths = Array.from({ length: 24 }, (_, n) => `/trade-api/v2/markets/M-${n}`);
    const all = await Promise.all(paths.map((path, n) => signer.headersAsync("delete", `${path}?a=1`, 1_000 + n)));
    for (const [n, headers] of all.entries()) {
      expect(headers["KALSHI-ACCESS-TIMESTAMP"]).toBe(String(1_000 + n));
      expect(verifies(publicKey, `${1_000 + n}DELETE${paths[n]}`, headers)).toBe(true);
      expect(verifies(publicKey, `${1_000 + n}GET${paths[n]}`, headers)).toBe(false);
    }
  });

  it("leaves the thread free while it signs", async () => {
    const signer = createSigner({ keyId, privateKey: pemOf(large.privateKey) });
    const order: string[] = [];
    const signed = signer.headersAsync("GET", "/trade-api/v2/portfolio/balance", 1).then(() => order.push("signed"));
    await Promise.resolve().then(() => order.push("went on"));
    await signed;
    expect(order).toEqual(["went on", "signed"]);
  });

  it("gives Ed25519 signatures alike both ways, as they have no chance in them", async () => {
    const signer = createSigner({ keyId, privateKey: pemOf(ed25519.privateKey) });
    expect(await signer.headersAsync("GET", "/x", 5)).toEqual(signer.headers("GET", "/x", 5));
  });

  it.each(keys)("shows nothing of its key when it is printed or serialized: %s", async (_, privateKey, publicKey) => {
    const signer = createSigner({ keyId, privateKey });
    signer.headers("GET", "/x", 5);
    await signer.headersAsync("GET", "/x", 5);
    const key = [rsa, large, ed25519].find((pair) => pair.publicKey === publicKey)!.privateKey;
    expectNone(secretsOf(key), shownOf(signer));
    expect(JSON.parse(JSON.stringify(signer))).toEqual({ keyId, keyType: signer.keyType });
  });
});

describe("the search for secrets", () => {
  it("finds a key in each form in which it could be shown", () => {
    for (const { privateKey } of [rsa, ed25519]) {
      const secrets = secretsOf(privateKey);
      const jwk = privateKey.export({ format: "jwk" });
      const seed = Buffer.from(jwk.d!, "base64url");
      for (const shown of [
        pemOf(privateKey),
        JSON.stringify(pemOf(privateKey)),
        JSON.stringify(jwk),
        shownOf(jwk),
        shownOf(new Error("x", { cause: { seed } })),
        JSON.stringify({ seed }),
        seed.toString("hex"),
        privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
      ])
        expect(() => expectNone(secrets, shown)).toThrow();
    }
  });
});

function verifies(key: KeyObject, text: string, headers: SignedHeaders): boolean {
  const bytes = Buffer.from(headers["KALSHI-ACCESS-SIGNATURE"], "base64");
  expect(bytes.toString("base64")).toBe(headers["KALSHI-ACCESS-SIGNATURE"]);
  if (key.asymmetricKeyType === "ed25519") return verify(null, Buffer.from(text), key, bytes);
  return verify("sha256", Buffer.from(text), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, bytes);
}
