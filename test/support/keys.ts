import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { inspect } from "node:util";
import { expect } from "vitest";

/** The PEM text of a private key. */
export function pemOf(key: KeyObject, type: "pkcs1" | "pkcs8" = "pkcs8"): string {
  return String(key.export({ type: type as "pkcs8", format: "pem" }));
}

/** The PEM text of a fresh Ed25519 key. */
export function freshPem(): string {
  return pemOf(generateKeyPairSync("ed25519").privateKey);
}

/** A secret in one of the forms in which it could be found. */
export interface Secret {
  readonly name: string;
  readonly text: string;
}

/** Everything of a private key that must not be found anywhere: lines and bytes of its PEM, the numbers inside, in base64 and hex. */
export function secretsOf(key: KeyObject): readonly Secret[] {
  const found: Secret[] = [];
  const forms = key.asymmetricKeyType === "rsa" ? (["pkcs1", "pkcs8"] as const) : (["pkcs8"] as const);
  for (const form of forms) {
    const lines = pemOf(key, form).trim().split("\n").slice(1, -1);
    // The head of an Ed25519 key is the same for all of them, and so is that of an RSA one, for a few characters.
    for (const [n, line] of lines.entries()) found.push({ name: `${form}, line ${n + 1}`, text: line.slice(24) });
    found.push({ name: `${form}, hex`, text: Buffer.from(lines.join(""), "base64").subarray(32).toString("hex") });
  }
  const { d, p, q } = key.export({ format: "jwk" });
  for (const [name, number] of Object.entries({ d, p, q })) {
    if (number === undefined) continue;
    const bytes = Buffer.from(number, "base64url");
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      found.push({ name: `${name}, ${encoding}`, text: bytes.toString(encoding) });
    }
    // As util.inspect and JSON show bytes.
    found.push({ name: `${name}, as a list`, text: [...bytes.subarray(0, 8)].join(",") });
    found.push({ name: `${name}, as a buffer`, text: inspect(bytes.subarray(0, 8)).slice(8, -1) });
  }
  return found.filter(({ text }) => text.length >= 12);
}

/** Asserts that none of the secrets is anywhere in a text; says which was found, and does not show it either. */
export function expectNone(secrets: readonly Secret[], text: string): void {
  const plain = text.replaceAll(/\s/g, "");
  const found = secrets.filter((secret) => text.includes(secret.text) || plain.includes(secret.text));
  expect(found.map(({ name }) => name)).toEqual([]);
}

/** Everything that a value shows of itself, to a terminal, a log, a debugger or a page. */
export function shownOf(value: unknown): string {
  const parts = [
    inspect(value, { depth: 12, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
    String(value),
    JSON.stringify(value) ?? "",
  ];
  for (let at = value; at instanceof Error; at = at.cause) {
    parts.push(at.stack ?? "", at.message, inspect({ ...at }, { depth: 12 }));
  }
  return parts.join("\n");
}

/** Anything that could be a signature: RSA has 344 characters of base64, Ed25519 has 88. */
const SIGNATURE = /[A-Za-z0-9+/_-]{340,}(?:==)?|[A-Za-z0-9+/]{86}==/;

/** Asserts that a text holds neither a secret nor anything that could be a signature, nor the header that carries one. */
export function expectClean(secrets: readonly Secret[], text: string): void {
  expectNone(secrets, text);
  expect(SIGNATURE.test(text), "a signature").toBe(false);
  expect(/kalshi-access-signature/i.test(text), "the header of a signature").toBe(false);
}
