/** Texts of the error codes that the served channels can meet. 10 and 25 end a subscription, all others refuse a command. */
const errorTexts = {
  1: "Unable to process message",
  2: "Params required",
  3: "Channels required",
  4: "Subscription IDs required",
  5: "Unknown command",
  7: "Unknown subscription ID",
  8: "Unknown channel name",
  9: "Authentication required",
  10: "Channel error",
  11: "Invalid parameter",
  12: "Exactly one subscription ID is required",
  13: "Unsupported action",
  14: "Market Ticker required",
  15: "Action required",
  25: "Subscription buffer overflow",
  26: "Subscription market limit exceeded",
  27: "Too many requests",
} as const;
export type SocketErrorCode = keyof typeof errorTexts;

/** What an error frame says. */
export function errorMessage(code: SocketErrorCode): { readonly code: SocketErrorCode; readonly msg: string } {
  return { code, msg: errorTexts[code] };
}

/** A refused command: its code, and the id that it was sent with, as far as that could be read; 0 stands for none. */
export class CommandError extends Error {
  readonly code: SocketErrorCode;
  id = 0;

  constructor(code: SocketErrorCode) {
    super(errorTexts[code]);
    this.name = "CommandError";
    this.code = code;
  }
}
