import { KalshiError } from "../../errors.js";
import { invalidParameter, Refused } from "../wire/replies.js";
import { DEFAULT_SCOPES, type KeyGrant, type KeyScope, keyScopes } from "./api-key.js";
import { demand, type Fields, fieldsOf, items, text } from "./body.js";

const LAST_SUBACCOUNT = 63;

/** A key as its owner asks for it, with a public key of their own. */
export function readKey(body: unknown): { readonly grant: KeyGrant; readonly publicKey: string } {
  const fields = fieldsOf("CreateApiKeyRequest", body);
  demand(fields, ["name", "public_key"]);
  return { grant: readGrant(fields), publicKey: text(fields, "public_key", "string") ?? "" };
}

/** A key as its owner asks for it, to be made for them. */
export function readNewKey(body: unknown): { readonly grant: KeyGrant; readonly type: "rsa" | "ed25519" } {
  const fields = fieldsOf("GenerateApiKeyRequest", body);
  demand(fields, ["name"]);
  const type = text(fields, "key_type", "string") ?? "rsa";
  if (type !== "rsa" && type !== "ed25519") throw wrong("key_type should be one of rsa, ed25519");
  return { grant: readGrant(fields), type };
}

function readGrant(fields: Fields): KeyGrant {
  const name = text(fields, "name", "string") ?? "";
  if (name.trim() === "") throw wrong("name should not be empty");
  const subaccount = text(fields, "subaccount", "number");
  if (subaccount !== undefined && (subaccount < 0 || subaccount > LAST_SUBACCOUNT)) {
    throw wrong(`subaccount should lie between 0 and ${LAST_SUBACCOUNT}`);
  }
  return { name, scopes: readScopes(fields), subaccount };
}

function readScopes(fields: Fields): readonly KeyScope[] {
  const asked = items(fields, "scopes");
  if (asked === undefined || asked.length === 0) return DEFAULT_SCOPES;
  const scopes = [...new Set(asked)].map((one) => {
    const known = keyScopes.find((scope) => scope === one);
    if (known === undefined) throw wrong(`scopes should be of ${keyScopes.join(", ")}`);
    return known;
  });
  if (scopes.includes("write") && !scopes.includes("read")) throw wrong("the scope write requires read");
  return scopes;
}

/** Takes a key that cannot be read for what it is: a bad parameter. */
export function orBadKey<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof KalshiError) throw wrong("public_key should be an RSA or Ed25519 key in PEM");
    throw error;
  }
}

function wrong(details: string): Refused {
  return new Refused(invalidParameter(details));
}
