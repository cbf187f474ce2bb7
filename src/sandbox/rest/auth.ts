import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { KalshiError } from "../../errors.js";
import { type Clock, MILLISECOND, SECOND } from "../../units/time.js";
import type { AccountRef, Reply } from "../types.js";
import { refusal } from "../wire/replies.js";
import { FULL_GRANT, type KeyGrant } from "./api-key.js";

/**
 * How far a timestamp may be off, either way. The exchange's own window is not documented: ten seconds and the way there were seen to be
 * accepted, thirty refused.
 */
const WINDOW = 15 * SECOND;
const SALT_BYTES = 32;

/** Who signed, and what the key may; everything where nothing is said of it. */
export interface Signed {
  readonly account: AccountRef;
  readonly grant?: KeyGrant;
}

/** Who signed, or the answer that refuses. */
export type Verdict = Signed | { readonly reply: Reply };

/** A key has come, with its public half as PEM, or is no more. */
export type KeyChange =
  | { readonly type: "added"; readonly account: AccountRef; readonly publicKey: string; readonly grant: KeyGrant }
  | { readonly type: "removed"; readonly keyId: string };

/** A key as its owner may see it. */
export interface Held {
  readonly keyId: string;
  readonly grant: KeyGrant;
}

interface Holder {
  readonly account: AccountRef;
  readonly key: KeyObject;
  readonly grant: KeyGrant;
}

/** The public keys that a sandbox knows, and the check of signatures against them. */
export class Keyring {
  readonly #holders = new Map<string, Holder>();
  readonly #listeners: ((change: KeyChange) => void)[] = [];
  readonly #wall: Clock;

  /** `wall` is what timestamps are held against. */
  constructor(wall: Clock) {
    this.#wall = wall;
  }

  /**
   * Takes in a key; false when the same public key is there already.
   *
   * @throws KalshiError `KEY_UNREADABLE` unless the text is an RSA or Ed25519 public key
   */
  add(account: AccountRef, publicKeyPem: string, grant: KeyGrant = FULL_GRANT): boolean {
    const key = readPublicKey(publicKeyPem);
    const text = textOf(key);
    for (const held of this.#holders.values()) if (textOf(held.key) === text) return false;
    this.#holders.set(account.keyId, { account, key, grant });
    this.#tell({ type: "added", account, publicKey: text, grant });
    return true;
  }

  /** Ends an account's own key; false where it has none of that name. */
  remove(userId: string, keyId: string): boolean {
    if (this.#holders.get(keyId)?.account.userId !== userId) return false;
    this.#holders.delete(keyId);
    this.#tell({ type: "removed", keyId });
    return true;
  }

  /** From now on tells of keys that come and go. */
  on(listener: (change: KeyChange) => void): void {
    this.#listeners.push(listener);
  }

  /** An account's keys, oldest first. */
  keysOf(userId: string): readonly Held[] {
    return [...this.#holders]
      .filter(([, { account }]) => account.userId === userId)
      .map(([keyId, { grant }]) => ({ keyId, grant }));
  }

  /**
   * Checks the three headers over `timestamp + METHOD + path`, with `path` from the root and without query. Refuses in the order
   * headers, timestamp, key, signature, each with an answer of its own.
   */
  verify(headers: IncomingHttpHeaders, method: string, path: string): Verdict {
    const keyId = header(headers, "kalshi-access-key");
    const timestamp = header(headers, "kalshi-access-timestamp");
    const signature = header(headers, "kalshi-access-signature");
    if (keyId === "" || timestamp === "" || signature === "") {
      return refuse("signature_is_missing_from_headers", "signature is missing from headers");
    }
    if (!this.#isCurrent(timestamp)) return refuse("header_timestamp_expired", "header timestamp expired");
    const holder = this.#holders.get(keyId);
    if (holder === undefined) return refuse("authentication_error", "authentication_error", "NOT_FOUND");
    if (!isSignedBy(holder.key, `${timestamp}${method}${path}`, signature)) {
      return refuse("authentication_error", "authentication_error", "INCORRECT_API_KEY_SIGNATURE");
    }
    return { account: holder.account, grant: holder.grant };
  }

  /** The same check for a WebSocket handshake, which has one answer for every failure. */
  verifyHandshake(headers: IncomingHttpHeaders, method: string, path: string): Verdict {
    const verdict = this.verify(headers, method, path);
    return "account" in verdict ? verdict : { reply: { status: 401, body: { code: "token_authentication_failure" } } };
  }

  #tell(change: KeyChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #isCurrent(timestamp: string): boolean {
    if (!/^\d{1,15}$/.test(timestamp)) return false;
    return Math.abs(this.#wall.now() - Number(timestamp) * MILLISECOND) <= WINDOW;
  }
}

function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  const data = Buffer.from(text, "utf8");
  const bytes = Buffer.from(signature, "base64");
  // Buffer also takes the letters of URLs, no padding, and anything in between; the exchange takes standard base64 with padding.
  if (bytes.toString("base64") !== signature) return false;
  if (key.asymmetricKeyType === "ed25519") return verify(null, data, key, bytes);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify("sha256", data, { key, padding, saltLength: SALT_BYTES }, bytes);
}

function readPublicKey(pem: string): KeyObject {
  const hint = "give the text of an RSA or Ed25519 public key in PEM";
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new KalshiError("KEY_UNREADABLE", "the public key cannot be read", { hint, cause });
  }
  if (key.asymmetricKeyType !== "rsa" && key.asymmetricKeyType !== "ed25519") {
    throw new KalshiError("KEY_UNREADABLE", `a public key of type ${key.asymmetricKeyType}`, { hint });
  }
  return key;
}

/** What tells one public key from another. */
function textOf(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}

function refuse(code: string, message: string, details?: string): Verdict {
  return { reply: refusal(401, code, message, details) };
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}
