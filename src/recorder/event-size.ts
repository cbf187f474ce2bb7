import type { BookEvent } from "../book/event.js";

/** What an event with its plain fields takes, as V8 lays objects out; most are deltas. */
const PLAIN = 250;
/** A level of a snapshot: an object of two numbers and its place in a list. */
const LEVEL = 40;

/** About how many bytes of memory an event takes while it waits. */
export function sizeOf(event: BookEvent): number {
  switch (event.type) {
    case "snapshot":
      return PLAIN + LEVEL * (event.yes.length + event.no.length);
    case "unknown":
      return PLAIN + 2 * event.text.length;
    case "gap":
    case "disconnect":
      // The texts of the tickers are shared.
      return PLAIN + 8 * event.tickers.length;
    default:
      return PLAIN;
  }
}
