/** As long as the shortest signature, in base64 or as a URL or JSON has that; tickers and ids are far shorter. */
const SIGNATURE = /(?:[A-Za-z0-9+/_-]|\\\/|%2[BbFf]){80,}(?:={1,2}|(?:%3[Dd]){1,2})?/g;

/** What an answer says, as far as it may be shown: a server or proxy may say back the signature that it was sent. */
export function withoutSignatures(said: string): string {
  return said.replaceAll(SIGNATURE, "[…]");
}

/**
 * The cause of a failure without what libraries attach to it: the bytes of an answer that they could not read, the request itself. Code, message
 * and stack stay.
 */
export function bareCause(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const inner = error instanceof AggregateError ? error.errors.map(bareCause) : null;
  const cause = error.cause === undefined ? undefined : { cause: bareCause(error.cause) };
  const message = withoutSignatures(error.message);
  const bare = inner === null ? new Error(message, cause) : new AggregateError(inner, message, cause);
  bare.name = error.name;
  bare.stack = withoutSignatures(error.stack ?? "");
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? Object.assign(bare, { code }) : bare;
}
