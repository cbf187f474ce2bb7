import { type ErrorCode, KalshiError } from "../errors.js";

/** After these nobody here knows whether the exchange has acted; an answer that cannot be read came from one that has. */
const unknown: ReadonlySet<ErrorCode> = new Set([
  "SERVER_FAILED",
  "TIMED_OUT",
  "UNREACHABLE",
  "BAD_RESPONSE",
  "BAD_RECORD",
  "LEGACY_FIELDS",
  "INTERRUPTED",
]);

/** Whether a failure leaves open what has become of a request that changes something. What never left this machine has changed nothing. */
export function leavesOpen(error: unknown): error is KalshiError {
  return error instanceof KalshiError && unknown.has(error.code) && error.context.sent !== false;
}

/** The failure of a request that changes something, whose outcome it leaves open: the usual advice to try again would be wrong. */
export function uncertain(error: KalshiError): KalshiError {
  return new KalshiError(error.code, `${error.message}; it may or may not have reached the exchange`, {
    hint: "find out whether it was done before sending it again",
    context: { ...error.context, uncertain: true },
    cause: error,
  });
}

/** Whether an error says that nobody here knows if the exchange has acted. */
export function isUncertain(error: unknown): error is KalshiError {
  return error instanceof KalshiError && error.context.uncertain === true;
}
