import { constants, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createSigner } from "../../src/client/signing.js";
import { expectError } from "../support/errors.js";

const keyId = "11111111-2222-3333-4444-555555555555";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed25519 = generateKeyPairSync("ed25519");
const pkcs8 = pemOf(rsa.privateKey, "pkcs8");

describe("createSigner", () => {
  it.each([
    ["RSA, PKCS#1", pemOf(rsa.privateKey, "pkcs1"), rsa.publicKey],
    ["RSA, PKCS#8", pkcs8, rsa.publicKey],
    ["Ed25519, PKCS#8", pemOf(ed25519.privateKey, "pkcs8"), ed25519.publicKey],
    ["RSA with line breaks written out", pkcs8.replaceAll("\n", "\\n"), rsa.publicKey],
  ])("signs timestamp, method and bare path with %s", (_, privateKey, publicKey) => {
    const headers = createSigner({ keyId, privateKey }).headers(
      "get",
      "/trade-api/v2/portfolio/fills?limit=5#x",
      1_703_123_456_789.9,
    );
    expect(headers["KALSHI-ACCESS-KEY"]).toBe(keyId);
    expect(headers["KALSHI-ACCESS-TIMESTAMP"]).toBe("1703123456789");
    expect(
      verifies(publicKey, "1703123456789GET/trade-api/v2/portfolio/fills", headers["KALSHI-ACCESS-SIGNATURE"]),
    ).toBe(true);
  });

  it("reads the key from a path", () => {
    const path = join(mkdtempSync(join(tmpdir(), "kalshi-lab-key-")), "key.pem");
    writeFileSync(path, pkcs8, { mode: 0o600 });
    expect(createSigner({ keyId, privateKeyPath: path }).keyType).toBe("rsa");
  });

  it("shows nothing of the key when it is printed or serialized", () => {
    const signer = createSigner({ keyId, privateKey: pkcs8 });
    const shown = inspect(signer, { depth: 9, showHidden: true }) + JSON.stringify(signer);
    for (const line of pkcs8.split("\n").slice(1, -2)) expect(shown).not.toContain(line);
  });

  it.each([
    ["without its header", pkcs8.split("\n").slice(1).join("\n"), /first and last line/],
    ["with its line breaks lost", pkcs8.replaceAll("\n", " "), /line break/],
    ["cut off", pkcs8.slice(0, 400), /line break/],
    ["a public key", rsa.publicKey.export({ type: "spki", format: "pem" }).toString(), /private key/],
    [
      "encrypted",
      rsa.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }).toString(),
      /passphrase/,
    ],
    [
      "of another type",
      pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, "pkcs8"),
      /RSA and Ed25519/,
    ],
  ])("refuses a key %s, naming the cure and never the key", (_, privateKey, hint) => {
    const error = expectError(() => createSigner({ keyId, privateKey }), "KEY_UNREADABLE", hint);
    const told = inspect(error, { depth: 9 }) + JSON.stringify(error);
    for (const line of privateKey.split(/\s+/).filter((part) => part.length > 40)) expect(told).not.toContain(line);
  });

  it("says which file is missing", () => {
    const error = expectError(() => createSigner({ keyId, privateKeyPath: "/nowhere/key.pem" }), "KEY_MISSING", /path/);
    expect(error.message).toContain("/nowhere/key.pem");
    expectError(() => createSigner({ keyId }), "KEY_MISSING", /KALSHI_PRIVATE_KEY_PATH/);
  });
});

function pemOf(key: KeyObject, type: "pkcs1" | "pkcs8"): string {
  return key.export({ type: type as "pkcs8", format: "pem" }).toString();
}

function verifies(key: KeyObject, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, "base64");
  if (key.asymmetricKeyType === "ed25519") return verify(null, Buffer.from(text), key, bytes);
  return verify("sha256", Buffer.from(text), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, bytes);
}
