import type { Signer } from "../../client/signing.js";
import { type Context, KalshiError } from "../../errors.js";

/** The same error with what it means here; what the exchange said goes along. */
export function anew(error: KalshiError, what: string, hint: string, context: Context = {}): KalshiError {
  const said = saidIn(error.context);
  return new KalshiError(error.code, `${what}${said === "" ? "" : ` (${said})`}`, {
    hint,
    context: { ...error.context, ...context },
    cause: error,
  });
}

function saidIn({ status, code, details, message }: Context): string {
  const words = [code, details, message].filter((part) => typeof part === "string" && part !== "");
  return status === undefined ? "" : [String(status), ...new Set(words)].join(" ");
}

/** What the refusal of a signature says of key and id; `where` is the environment that refused, `path` the prefix that was signed. */
export function nameRefusal(
  error: KalshiError,
  { keyId, keyType }: Signer,
  where: string,
  prefix: string,
): KalshiError {
  if (error.code === "KEY_REFUSED" && error.context.details === "INCORRECT_API_KEY_SIGNATURE") {
    const type = keyType === "rsa" ? "Ed25519" : "RSA";
    // A proxy that serves the exchange under another path makes every signature wrong, whatever the key.
    const moved =
      prefix === "/trade-api/v2"
        ? ""
        : `; or the path is changed on the way: \`${prefix}\` was signed, not \`/trade-api/v2\``;
    return anew(
      error,
      `${where} knows the key id ${keyId}, but not this private key (${keyType})`,
      `key id and private key do not belong together: find the file that came with this id; it may be of type ${type}${moved}`,
    );
  }
  if (error.code === "KEY_REFUSED") {
    return anew(
      error,
      `${where} does not accept this key of type ${keyType}`,
      "generate a new key, RSA or Ed25519, and use its id and private key together",
    );
  }
  if (error.code === "KEY_MISSING") {
    return anew(
      error,
      "the exchange did not get the signed headers",
      "a proxy may drop them; connect without one, and check --rest-url",
    );
  }
  return error;
}
