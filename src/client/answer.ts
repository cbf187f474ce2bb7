import { KalshiError } from "../errors.js";
import { withoutSignatures } from "./echo.js";

/** What a failed answer told, read from any of the exchange's four body shapes. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details: string;
}

/** Reads the code, message and details of a failed answer. @see API: 5.1 Three bodies */
export function readRefusal(status: number, body: unknown): Refusal {
  const outer = isObject(body) ? body : {};
  const inner = isObject(outer.error) ? outer.error : outer;
  const message = textOf(inner.message) || textOf(inner.msg) || textOf(outer.error);
  return { status, code: textOf(inner.code), message, details: textOf(inner.details) };
}

/**
 * The error of a failed answer: a code to switch on, what the exchange said, and what to do about it.
 *
 * @see API: 5 Errors
 */
export function refusalError(
  refusal: Refusal,
  request: { method: string; path: string; clockOffsetMs: number | null },
): KalshiError {
  const { status, code, details } = refusal;
  const said = [code, refusal.message, details].filter((part) => part !== "").join(": ");
  const where = `${request.method} ${request.path}`;
  const context = { status, code, details, message: refusal.message, method: request.method, path: request.path };
  const make = (errorCode: ConstructorParameters<typeof KalshiError>[0], what: string, hint: string): KalshiError =>
    new KalshiError(errorCode, `${where}: ${what}${said === "" ? "" : ` (${status} ${said})`}`, { hint, context });

  if (status === 401 && code.startsWith("header_timestamp_expired")) {
    const offset = request.clockOffsetMs;
    const measured = offset === null ? "" : `; it is off by about ${(offset / 1000).toFixed(1)} s`;
    return make(
      "CLOCK_OFF",
      `the exchange refused the time of the request${measured}`,
      "set this machine's clock (NTP); a few seconds are tolerated",
    );
  }
  if (status === 401 && details === "NOT_FOUND") {
    return make(
      "KEY_UNKNOWN",
      "the exchange does not know this key id",
      "check the key id, and that the key belongs to this environment (demo or production)",
    );
  }
  if (status === 401 && code.startsWith("signature_is_missing")) {
    return make(
      "KEY_MISSING",
      "this needs a signed request",
      "set KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH, or pass key id and key to connect()",
    );
  }
  if (status === 401) {
    return make(
      "KEY_REFUSED",
      "the exchange refused the signature",
      "check that key id and private key belong together; `kalshi-lab doctor` tells more",
    );
  }
  if (status === 403) {
    return make(
      "FORBIDDEN",
      "this key may not do that",
      "use a key with the needed scope, without a subaccount lock, and with a valid region attestation",
    );
  }
  if (status === 404)
    return make("NOT_FOUND", "not found", "check the id; very old things live in the historical tier");
  if (status === 429) {
    return make(
      "RATE_LIMITED",
      "too many requests, also after waiting",
      "another program may use the same account; try again, or ask for less at a time",
    );
  }
  if (status >= 500) {
    return make(
      "SERVER_FAILED",
      "the exchange failed to answer",
      "try again in a while; GET /exchange/status tells of maintenance",
    );
  }
  return make(
    "REQUEST_REFUSED",
    "the exchange refused the request",
    "read what it said, and correct the parameter it names",
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? withoutSignatures(value) : "";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of whatever was answered; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
