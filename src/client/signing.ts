import { constants, createPrivateKey, type KeyObject, sign as signBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { KalshiError, messageOf } from "../errors.js";

/** The three headers of a signed request. */
export interface SignedHeaders {
  readonly "KALSHI-ACCESS-KEY": string;
  readonly "KALSHI-ACCESS-TIMESTAMP": string;
  readonly "KALSHI-ACCESS-SIGNATURE": string;
}

/** Signs requests for one key. Holds the key without showing it: printing or serializing a signer gives its id alone. */
export interface Signer {
  readonly keyId: string;
  readonly keyType: "rsa" | "ed25519";
  /** `path` is from the root, with `/trade-api/…`; a query string is left out of the signed text. */
  headers(method: string, path: string, nowMs: number): SignedHeaders;
}

/** A key as a user gives it: its id, and the PEM as text (also with `\n` written out) or as a path. */
export interface Credentials {
  readonly keyId: string;
  readonly privateKey?: string | undefined;
  readonly privateKeyPath?: string | undefined;
}

/**
 * Makes the signer of a key, RSA (PSS, SHA-256, salt 32) or Ed25519, told apart by looking inside. The key is parsed once.
 *
 * @throws KalshiError `KEY_MISSING`, `KEY_UNREADABLE`
 * @see API: 2.1 Request signature
 */
export function createSigner(credentials: Credentials): Signer {
  const key = readKey(credentials);
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519") {
    throw new KalshiError(
      "KEY_UNREADABLE",
      `a private key of type ${type ?? "unknown"} for key id ${credentials.keyId}`,
      {
        hint: "the exchange takes RSA and Ed25519 keys; generate one of these",
        context: { keyId: credentials.keyId, type },
      },
    );
  }
  const { keyId } = credentials;
  return {
    keyId,
    keyType: type,
    headers(method, path, nowMs) {
      const timestamp = String(Math.floor(nowMs));
      const bare = path.split(/[?#]/, 1)[0]!;
      const text = Buffer.from(`${timestamp}${method.toUpperCase()}${bare}`, "utf8");
      return {
        "KALSHI-ACCESS-KEY": keyId,
        "KALSHI-ACCESS-TIMESTAMP": timestamp,
        "KALSHI-ACCESS-SIGNATURE": signText(key, type, text).toString("base64"),
      };
    },
  };
}

function signText(key: KeyObject, type: "rsa" | "ed25519", text: Buffer): Buffer {
  if (type === "ed25519") return signBytes(null, text, key);
  return signBytes("sha256", text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
}

function readKey(credentials: Credentials): KeyObject {
  const pem = readPem(credentials).replaceAll("\\n", "\n").trim();
  if (pem.includes("ENCRYPTED"))
    throw unreadable(
      credentials,
      "is encrypted",
      "store it without a passphrase: openssl pkey -in key.pem -out plain.pem",
    );
  if (pem.includes("PUBLIC KEY"))
    throw unreadable(credentials, "is a public key", "give the private key, shown once when it was made");
  if (!pem.includes("-----BEGIN"))
    throw unreadable(
      credentials,
      "has no `-----BEGIN … PRIVATE KEY-----` line",
      "give the whole PEM text, first and last line included",
    );
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // The parser's message names a format error and never the key's bytes.
    throw unreadable(
      credentials,
      `cannot be parsed (${messageOf(error)})`,
      "check that no line break was lost: each line of the PEM stands alone",
    );
  }
}

function readPem(credentials: Credentials): string {
  if (credentials.privateKey !== undefined) return credentials.privateKey;
  const path = credentials.privateKeyPath;
  if (path === undefined) {
    throw new KalshiError("KEY_MISSING", `key id ${credentials.keyId} comes without its private key`, {
      hint: "set KALSHI_PRIVATE_KEY_PATH or KALSHI_PRIVATE_KEY, or pass --private-key PATH",
      context: { keyId: credentials.keyId },
    });
  }
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KalshiError("KEY_MISSING", `cannot read the private key file ${path}`, {
      hint: "check the path and its permissions",
      context: { path },
      cause: error,
    });
  }
}

function unreadable(credentials: Credentials, what: string, hint: string): KalshiError {
  const from =
    credentials.privateKeyPath === undefined
      ? "the private key given as text"
      : `the private key in ${credentials.privateKeyPath}`;
  return new KalshiError("KEY_UNREADABLE", `${from} ${what}`, { hint, context: { keyId: credentials.keyId } });
}
