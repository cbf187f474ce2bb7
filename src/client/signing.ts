import { constants, sign as signBytes } from "node:crypto";
import { promisify } from "node:util";
import { type Credentials, type PrivateKey, readPrivateKey } from "./key.js";

export type { Credentials } from "./key.js";

/** The three headers of a signed request. */
export interface SignedHeaders {
  readonly "KALSHI-ACCESS-KEY": string;
  readonly "KALSHI-ACCESS-TIMESTAMP": string;
  readonly "KALSHI-ACCESS-SIGNATURE": string;
}

/** Signs requests for one key. Holds the key without showing it: printing or serializing a signer gives its id and type alone. */
export interface Signer {
  readonly keyId: string;
  readonly keyType: "rsa" | "ed25519";
  /** `path` is from the root, with `/trade-api/…`; a query string is left out of the signed text. */
  headers(method: string, path: string, nowMs: number): SignedHeaders;
  /** The same, signed beside this thread: an RSA signature takes a millisecond, which bounds how fast one thread can ask. */
  headersAsync(method: string, path: string, nowMs: number): Promise<SignedHeaders>;
}

/**
 * Makes the signer of a key, RSA (PSS, SHA-256, salt 32) or Ed25519, told apart by looking inside. The key is parsed once.
 *
 * @throws KalshiError `KEY_MISSING`, `KEY_UNREADABLE`, `KEY_WRONG_TYPE`
 * @see API: 2.1 Request signature
 */
export function createSigner(credentials: Credentials): Signer {
  return signerOf(readPrivateKey(credentials));
}

/** The signer of a key that is parsed already. */
export function signerOf(privateKey: PrivateKey): Signer {
  const { keyId, type } = privateKey;
  // The key stays in this closure, where neither printing nor serializing finds it.
  const [algorithm, key] = algorithmOf(privateKey);
  return {
    keyId,
    keyType: type,
    headers(method, path, nowMs) {
      const [timestamp, text] = signedText(method, path, nowMs);
      return headersOf(keyId, timestamp, signBytes(algorithm, text, key));
    },
    async headersAsync(method, path, nowMs) {
      const [timestamp, text] = signedText(method, path, nowMs);
      return headersOf(keyId, timestamp, await signBeside(algorithm, text, key));
    },
  };
}

const signBeside = promisify<string | null, Buffer, Parameters<typeof signBytes>[2], Buffer>(signBytes);

function algorithmOf({ key, type }: PrivateKey): [algorithm: string | null, key: Parameters<typeof signBytes>[2]] {
  return type === "ed25519"
    ? [null, key]
    : ["sha256", { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }];
}

/** The very characters of the timestamp's header, and the text that is signed. */
function signedText(method: string, path: string, nowMs: number): [timestamp: string, text: Buffer] {
  const timestamp = String(Math.floor(nowMs));
  const bare = path.split(/[?#]/, 1)[0]!;
  return [timestamp, Buffer.from(`${timestamp}${method.toUpperCase()}${bare}`, "utf8")];
}

function headersOf(keyId: string, timestamp: string, signature: Buffer): SignedHeaders {
  return {
    "KALSHI-ACCESS-KEY": keyId,
    "KALSHI-ACCESS-TIMESTAMP": timestamp,
    "KALSHI-ACCESS-SIGNATURE": signature.toString("base64"),
  };
}
