/** Every code a {@link KalshiError} can carry, by floor. Public and stable: switch on these, never on a message. */
export const errorCodes = [
  // input
  "BAD_ARGUMENT",
  "BAD_PRICE",
  "BAD_COUNT",
  "BAD_TIME",
  "BAD_RANGE",
  // records
  "BAD_RECORD",
  "LEGACY_FIELDS",
  // keys and environments
  "KEY_MISSING",
  "KEY_UNREADABLE",
  "KEY_WRONG_TYPE",
  "KEY_WRONG_HOST",
  "KEY_REFUSED",
  "KEY_UNKNOWN",
  "CLOCK_OFF",
  "FORBIDDEN",
  "TRADING_DISABLED",
  // transport
  "UNREACHABLE",
  "TIMED_OUT",
  "RATE_LIMITED",
  "OVER_CAPACITY",
  "BAD_RESPONSE",
  "REQUEST_REFUSED",
  "SERVER_FAILED",
  "INTERRUPTED",
  "SOCKET_CLOSED",
  "CHANNEL_REFUSED",
  // exchange
  "SERIES_NOT_FOUND",
  "EVENT_NOT_FOUND",
  "MARKET_NOT_FOUND",
  "NOT_FOUND",
  "ORDER_REFUSED",
  // history
  "CURSOR_REPEATED",
  "PAGES_ENDLESS",
  "CHECKPOINT_MISMATCH",
  "CHECKPOINT_DAMAGED",
  // money
  "FEES_UNKNOWN",
  // books and recordings
  "BOOK_BROKEN",
  "FOLDER_LOCKED",
  // files
  "FILE_NOT_FOUND",
  "FILE_UNREADABLE",
  "FILE_FORMAT",
  "BAD_LINE",
  "BAD_SQL",
  "FILE_DAMAGED",
  "DISK_FULL",
  "WRITE_FAILED",
  // sandbox
  "PORT_IN_USE",
  "SANDBOX_FAILED",
  // tables, charts, kernel
  "COLUMN_MISSING",
  "COLUMN_KIND",
  "CHART_EMPTY",
  "NOTEBOOK_INVALID",
  "NOTEBOOK_FAILED",
  "KERNEL_SETUP",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What helps to debug an error. Never holds a key, a signature or a signed header. */
export type Context = Readonly<Record<string, unknown>>;

/** The one error class of this library: a code to switch on, a hint to act on, context to debug with. */
export class KalshiError extends Error {
  readonly code: ErrorCode;
  /** The next thing to try. */
  readonly hint: string;
  readonly context: Context;

  constructor(code: ErrorCode, message: string, details: { hint: string; context?: Context; cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "KalshiError";
    this.code = code;
    this.hint = details.hint;
    this.context = details.context ?? {};
  }

  /** One paragraph for a terminal or a notebook: code, what was found, what to do next. */
  override toString(): string {
    return `${this.code}: ${this.message}\n  → ${this.hint}`;
  }

  /** For logs and `--json`: everything but the stack. */
  toJSON(): { code: ErrorCode; message: string; hint: string; context: Context } {
    return { code: this.code, message: this.message, hint: this.hint, context: this.context };
  }
}

/**
 * The system's error code (`ENOENT`, `ENOSPC`, `ECONNREFUSED`, …) behind a caught value, or null. Looks through `cause`
 * and, as a connection tried on several addresses fails with several errors, through `errors`.
 */
export function systemCode(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code: unknown = Reflect.get(at, "code");
    if (typeof code === "string" && !(at instanceof KalshiError)) return code;
    if (at instanceof AggregateError) {
      for (const inner of at.errors) {
        const found = systemCode(inner);
        if (found !== null) return found;
      }
    }
  }
  return null;
}

/** The text of a caught value, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
