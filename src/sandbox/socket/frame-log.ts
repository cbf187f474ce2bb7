import { closeSync, openSync, writeSync } from "node:fs";
import { KalshiError, messageOf } from "../../errors.js";
import { formatCount } from "../../units/count.js";
import { formatPrice } from "../../units/price.js";
import type { Timestamp } from "../../units/time.js";
import type { EngineEvent } from "../types.js";

/** What became of a frame: given to the socket, lost by a fault, or held back until others have overtaken it, when it is `sent`. */
export type LoggedFate = "sent" | "dropped" | "late";

/** Writes down what is sent to whom, and what happens to books, in the order it happens. */
export interface FrameLog {
  /** To be called before the frame leaves. */
  frame(connection: number, fate: LoggedFate, text: string, time: Timestamp): void;
  /** Takes note of changes of books, whether or not anybody is told; other events are none of its business. */
  event(event: EngineEvent): void;
  close(): void;
}

/** One line of the file. Times are of the sandbox's clock, in microseconds; NO levels in NO prices. */
export type FrameLogLine =
  | { readonly connection: number; readonly fate: LoggedFate; readonly time: Timestamp; readonly frame: string }
  | {
      readonly ticker: string;
      readonly time: Timestamp;
      readonly side: "yes" | "no";
      readonly price: string;
      readonly delta: string;
    }
  | { readonly ticker: string; readonly time: Timestamp; readonly wiped: true };

/**
 * Appends JSON lines to a file, each before what it tells of leaves the process: what anybody received is in the file, also after `kill -9`.
 *
 * @throws KalshiError `WRITE_FAILED` when the file cannot be opened
 */
export function openFrameLog(path: string): FrameLog {
  const file = opened(path);
  let isOpen = true;
  const write = (line: FrameLogLine): void => {
    // A command may still be on its way through a socket that was cut.
    if (isOpen) writeSync(file, `${JSON.stringify(line)}\n`);
  };
  return {
    frame: (connection, fate, frame, time) => write({ connection, fate, time, frame }),
    event(event) {
      if (event.type === "wiped") write({ ticker: event.ticker, time: event.time, wiped: true });
      if (event.type !== "delta") return;
      const { ticker, time, side, price, delta } = event;
      write({ ticker, time, side, price: formatPrice(price), delta: formatCount(delta) });
    },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

function opened(path: string): number {
  try {
    return openSync(path, "a");
  } catch (cause) {
    throw new KalshiError("WRITE_FAILED", `cannot write the frame log ${path}: ${messageOf(cause)}`, {
      hint: "give a file in a folder that exists and can be written into",
      context: { path },
      cause,
    });
  }
}
