import { constants, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeKey } from "../../../src/sandbox/keys.js";
import { Keyring, type Verdict } from "../../../src/sandbox/rest/auth.js";
import { signatureOf, signedHeaders } from "../../support/sandbox-call.js";

const NOW_MS = 1_792_076_400_000;
const PATH = "/trade-api/v2/portfolio/balance";
const wall = { now: () => NOW_MS * 1000 };
const rsa = await makeKey("rsa");
const ed25519 = await makeKey("ed25519");

function keyring(publicKey: string): Keyring {
  const ring = new Keyring(wall);
  ring.add({ userId: "u", keyId: "k" }, publicKey);
  return ring;
}

function headers(signature: string, timestamp = String(NOW_MS), id = "k") {
  return {
    "kalshi-access-key": id,
    "kalshi-access-timestamp": timestamp,
    "kalshi-access-signature": signature,
  };
}

function lower(signed: Record<string, string>) {
  return Object.fromEntries(Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value]));
}

function refusalOf(verdict: Verdict): unknown {
  return "reply" in verdict ? verdict.reply : "accepted";
}

const wrongSignature = {
  status: 401,
  body: {
    error: { code: "authentication_error", message: "authentication_error", details: "INCORRECT_API_KEY_SIGNATURE" },
  },
};

describe("signatures", () => {
  it.each([
    ["RSA-PSS", rsa],
    ["Ed25519", ed25519],
  ])("accepts %s over timestamp, method and path", (_, pair) => {
    const signed = lower(signedHeaders({ id: "k", pem: pair.privateKey }, "GET", PATH, NOW_MS));
    expect(keyring(pair.publicKey).verify(signed, "GET", PATH)).toMatchObject({ account: { userId: "u", keyId: "k" } });
  });

  it("refuses padding of PKCS#1 v1.5, a salt of another length, and another hash", () => {
    const key = createPrivateKey(rsa.privateKey);
    const text = Buffer.from(`${NOW_MS}GET${PATH}`);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const wrong = [
      sign("sha256", text, { key, padding: constants.RSA_PKCS1_PADDING }),
      sign("sha256", text, { key, padding, saltLength: 20 }),
      sign("sha256", text, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_MAX_SIGN }),
      sign("sha384", text, { key, padding, saltLength: 32 }),
    ];
    for (const signature of wrong) {
      const verdict = keyring(rsa.publicKey).verify(headers(signature.toString("base64")), "GET", PATH);
      expect(refusalOf(verdict)).toEqual(wrongSignature);
    }
  });

  it("refuses a good signature in any other text than standard base64 with padding", () => {
    for (const pair of [rsa, ed25519]) {
      const good = signatureOf(pair.privateKey, `${NOW_MS}GET${PATH}`);
      const others = [
        Buffer.from(good, "base64").toString("base64url"),
        good.replace(/=+$/, ""),
        `${good}=`,
        `!${good}`,
        `${good.slice(0, 9)} ${good.slice(9)}`,
      ];
      for (const other of others) {
        expect(refusalOf(keyring(pair.publicKey).verify(headers(other), "GET", PATH))).toEqual(wrongSignature);
      }
    }
  });

  it.each([
    ["the query", `${NOW_MS}GET${PATH}?limit=1`],
    ["a path without prefix", `${NOW_MS}GET/portfolio/balance`],
    ["a method in lower case", `${NOW_MS}get${PATH}`],
    ["another method", `${NOW_MS}POST${PATH}`],
    ["the host", `${NOW_MS}GEThttp://127.0.0.1${PATH}`],
    ["another timestamp", `${NOW_MS + 1}GET${PATH}`],
  ])("refuses a signature over %s", (_, text) => {
    for (const pair of [rsa, ed25519]) {
      const verdict = keyring(pair.publicKey).verify(headers(signatureOf(pair.privateKey, text)), "GET", PATH);
      expect(refusalOf(verdict)).toEqual(wrongSignature);
    }
  });

  it("refuses, in this order, missing headers, an expired timestamp, an unknown key, and a wrong signature", () => {
    const ring = keyring(rsa.publicKey);
    const code = (given: Record<string, string>) => {
      const refusal = refusalOf(ring.verify(given, "GET", PATH)) as {
        status: number;
        body: { error: { code: string; details?: string } };
      };
      expect(refusal.status).toBe(401);
      return `${refusal.body.error.code} ${refusal.body.error.details ?? ""}`.trim();
    };
    const old = String(NOW_MS - 60_000);
    for (const name of Object.keys(headers("x"))) {
      expect(code({ ...headers("x", old, "nobody"), [name]: "" })).toBe("signature_is_missing_from_headers");
    }
    expect(code(headers("x", old, "nobody"))).toBe("header_timestamp_expired");
    expect(code(headers("x", String(NOW_MS), "nobody"))).toBe("authentication_error NOT_FOUND");
    expect(code(headers("x"))).toBe("authentication_error INCORRECT_API_KEY_SIGNATURE");
  });

  it("takes timestamps of ten seconds off and the way there, either way, but not of thirty, in milliseconds only", () => {
    const ring = keyring(ed25519.publicKey);
    const accepts = (timestamp: string) => {
      const signature = signatureOf(ed25519.privateKey, `${timestamp}GET${PATH}`);
      return "account" in ring.verify(headers(signature, timestamp), "GET", PATH);
    };
    expect([-12_000, -10_000, -5_000, 0, 5_000, 10_000, 12_000].map((off) => accepts(String(NOW_MS + off)))).toEqual(
      Array(7).fill(true),
    );
    expect([-15_001, 15_001, -30_000, 60_000].map((off) => accepts(String(NOW_MS + off)))).toEqual(
      Array(4).fill(false),
    );
    expect(accepts(String(Math.floor(NOW_MS / 1000)))).toBe(false);
    expect(accepts(`${NOW_MS}.5`)).toBe(false);
    expect(accepts(new Date(NOW_MS).toISOString())).toBe(false);
  });

  it("answers every failed handshake of the socket alike", () => {
    const verdict = keyring(rsa.publicKey).verifyHandshake({}, "GET", "/trade-api/ws/v2");
    expect(refusalOf(verdict)).toEqual({ status: 401, body: { code: "token_authentication_failure" } });
  });

  it("refuses a public key that is neither RSA nor Ed25519", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    expect(() => keyring(pem)).toThrow(expect.objectContaining({ code: "KEY_UNREADABLE" }));
    expect(() => keyring("no key")).toThrow(expect.objectContaining({ code: "KEY_UNREADABLE" }));
  });
});
