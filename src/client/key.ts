import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { KalshiError, systemCode } from "../errors.js";
import { isDer, isKeyText, readPem, type WholePem } from "./pem.js";
import { type DamagedPem, damaged, wrongType } from "./pem-damage.js";

/** A key as a user gives it: its id, and the PEM as text (also with `\n` written out) or as a path. */
export interface Credentials {
  readonly keyId: string;
  readonly privateKey?: string | undefined;
  readonly privateKeyPath?: string | undefined;
}

/** A private key, parsed once. Node shows nothing of what is in a `KeyObject`. */
export interface PrivateKey {
  readonly keyId: string;
  readonly key: KeyObject;
  readonly type: "rsa" | "ed25519";
  /** What had to be put right in the text, such as `line breaks`; null when nothing. */
  readonly repaired: WholePem["repaired"];
}

/** The exchange's own RSA keys have 2048 bits; what is shorter is not secure. */
const LEAST_RSA_BITS = 2048;
/** Far more than any key has. A larger file is something else, and is not read to its end. */
const MOST_BYTES = 64 * 1024;
const MOST_ID_CHARACTERS = 100;
/** RSA keys are longer, and most paths far shorter. */
const MOST_PATH_CHARACTERS = 1000;

/**
 * Reads and parses a private key. Neither the error nor anything it carries shows a part of the text; `context.damage` names what is
 * wrong.
 *
 * @throws KalshiError `KEY_MISSING`, `KEY_UNREADABLE`, `KEY_WRONG_TYPE`
 * @see API: 2.1 Request signature
 */
export function readPrivateKey(credentials: Credentials): PrivateKey {
  const keyId = readKeyId(credentials.keyId);
  const source = sourceOf({ ...credentials, keyId });
  const pem = readPem(textOf(source));
  if ("damage" in pem) throw unusable(source, pem);
  const key = parse(source, pem);
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519") throw unusable(source, wrongType(type ?? "unknown"));
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (type === "rsa" && bits < LEAST_RSA_BITS) throw unusable(source, wrongType(`rsa of ${bits} bits`));
  return { keyId, key, type, repaired: pem.repaired };
}

/** Where a key comes from: a file or a text. */
interface Source {
  readonly keyId: string;
  readonly path: string | null;
  readonly text: string | null;
}

/** The id is shown in errors and sent in the clear, so a key given in its place must not get that far. */
function readKeyId(given: string): string {
  const keyId = given.trim().replace(/^(["'])(.*)\1$/, "$2");
  if (/^[\x21-\x7e]+$/.test(keyId) && keyId.length <= MOST_ID_CHARACTERS && !isKeyText(keyId)) return keyId;
  const found = isKeyText(given) ? "the text of a key" : keyId === "" ? "nothing" : "something that is no id";
  throw new KalshiError("KEY_MISSING", `${found} is given as key id`, {
    hint: "KALSHI_API_KEY_ID (keyId, --key-id) is the UUID beside the key's name; the PEM belongs in KALSHI_PRIVATE_KEY",
    context: { length: given.length },
  });
}

function sourceOf({ keyId, privateKey, privateKeyPath: path }: Credentials): Source {
  if (privateKey !== undefined) return { keyId, path: null, text: privateKey };
  if (path === undefined) {
    throw new KalshiError("KEY_MISSING", `key id ${keyId} comes without its private key`, {
      hint: "set KALSHI_PRIVATE_KEY_PATH or KALSHI_PRIVATE_KEY, or pass --private-key PATH",
      context: { keyId },
    });
  }
  if (isPlausiblePath(path)) return { keyId, path, text: null };
  throw new KalshiError("KEY_UNREADABLE", "the text of a private key is given where the path of its file is expected", {
    hint: "the text belongs in KALSHI_PRIVATE_KEY (privateKey), or in a file whose path is given",
    context: { keyId, damage: "text given" },
  });
}

/** Errors show a path, so what may be a piece of a key is none. */
function isPlausiblePath(path: string): boolean {
  return !isKeyText(path) && !/[\r\n]/.test(path) && path.length <= MOST_PATH_CHARACTERS;
}

function textOf(source: Source): string {
  if (source.text !== null) return source.text;
  const bytes = readKeyFile(source);
  if (isDer(bytes)) throw unusable(source, damaged.binary);
  // What PowerShell writes by `>`.
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(wide ? "utf16le" : "utf8");
}

function readKeyFile(source: Source): Buffer {
  const path = source.path!;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw fileError(source, path, cause);
  }
  if (bytes.length <= MOST_BYTES) return bytes;
  throw unusable(source, {
    damage: "no key",
    what: `is no key: the file has ${bytes.length} bytes`,
    hint: "check the path; a key's file has a few kilobytes at most",
  });
}

function fileError({ keyId }: Source, path: string, cause: unknown): KalshiError {
  const code = systemCode(cause);
  const context = { keyId, path, code };
  if (code === "ENOENT" || code === "ENOTDIR") {
    const home = path.startsWith("~") ? "; `~` is not read as the home folder here, write that out" : "";
    return new KalshiError("KEY_MISSING", `there is no private key file ${resolve(path)}`, {
      hint: `check the path${home}`,
      context,
      cause,
    });
  }
  if (code === "EISDIR") {
    return new KalshiError("KEY_UNREADABLE", `the private key file ${path} is a folder`, {
      hint: "give the path of the file itself",
      context,
      cause,
    });
  }
  const denied = code === "EACCES" || code === "EPERM";
  return new KalshiError(
    "KEY_UNREADABLE",
    denied
      ? `the private key file ${path} may not be read by this user (${code})`
      : `cannot read the private key file ${path} (${code ?? "unknown"})`,
    {
      hint: denied
        ? "let its owner run this, or make the file this user's own: chown, then chmod 600"
        : "check the path",
      context,
      cause,
    },
  );
}

function parse(source: Source, { der, form }: WholePem): KeyObject {
  try {
    return createPrivateKey({ key: der, format: "der", type: form });
  } catch {
    // What OpenSSL says tells a reader nothing that the damage does not.
    throw unusable(source, damaged.changed);
  }
}

function unusable({ keyId, path }: Source, { damage, what, hint }: DamagedPem): KalshiError {
  const from = path === null ? "the private key given as text" : `the private key in ${path}`;
  const code = damage === "type not accepted" ? "KEY_WRONG_TYPE" : "KEY_UNREADABLE";
  return new KalshiError(code, `${from} ${what}`, { hint, context: { keyId, path, damage } });
}
