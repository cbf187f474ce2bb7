import { expect } from "vitest";
import { type ErrorCode, KalshiError } from "../../src/errors.js";

/** Asserts that a call fails with a code, and that its hint says what to do. */
export function expectError(call: () => unknown, code: ErrorCode, hint: RegExp): KalshiError {
  let caught: unknown = null;
  try {
    call();
  } catch (error) {
    caught = error;
  }
  return checkError(caught, code, hint);
}

/** The same of a promise. */
export async function expectRejection(
  promise: PromiseLike<unknown>,
  code: ErrorCode,
  hint: RegExp,
): Promise<KalshiError> {
  const caught = await Promise.resolve(promise).then(
    () => null,
    (error: unknown) => error,
  );
  return checkError(caught, code, hint);
}

function checkError(caught: unknown, code: ErrorCode, hint: RegExp): KalshiError {
  expect(caught).toBeInstanceOf(KalshiError);
  const error = caught as KalshiError;
  expect(error.code, error.message).toBe(code);
  expect(error.hint).toMatch(hint);
  return error;
}
