import { constants, createPrivateKey, sign } from "node:crypto";
import type { Sandbox } from "../../src/sandbox/sandbox.js";

// Written apart from the client's own signer, so that a mistake in one does not hide one in the other.

export interface Key {
  readonly id: string;
  readonly pem: string;
}

/** The three headers for a call of now. */
export function signedHeaders(key: Key, method: string, path: string, now = Date.now()): Record<string, string> {
  const text = `${now}${method}${path}`;
  return {
    "KALSHI-ACCESS-KEY": key.id,
    "KALSHI-ACCESS-TIMESTAMP": String(now),
    "KALSHI-ACCESS-SIGNATURE": signatureOf(key.pem, text),
  };
}

/** RSA-PSS with a salt of 32 bytes, or Ed25519, as the key has it. */
export function signatureOf(pem: string, text: string): string {
  const key = createPrivateKey(pem);
  const data = Buffer.from(text);
  if (key.asymmetricKeyType === "ed25519") return sign(null, data, key).toString("base64");
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign("sha256", data, { key, padding, saltLength: 32 }).toString("base64");
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers freely
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;
}

/** An unsigned GET below the REST prefix. */
export function get(sandbox: Sandbox, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return call(sandbox, "GET", path, { headers });
}

/** A GET signed by the first account. */
export function getSigned(sandbox: Sandbox, path: string, now?: number): Promise<Answer> {
  const key = { id: sandbox.ready.key_id, pem: sandbox.privateKey };
  const plain = `/trade-api/v2${path}`.split("?")[0] as string;
  return call(sandbox, "GET", path, { headers: signedHeaders(key, "GET", plain, now) });
}

async function call(
  sandbox: Sandbox,
  method: string,
  path: string,
  init: { readonly headers: Record<string, string> },
): Promise<Answer> {
  const response = await fetch(sandbox.ready.rest_url + path, { method, headers: init.headers });
  const text = await response.text();
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, body, text, headers: response.headers };
}
