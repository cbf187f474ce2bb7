import { KalshiError } from "../errors.js";
import { readTime, type TimeInput, type Timestamp } from "../units/time.js";

/** What a question is about, as a caller writes it. Ids may be kalshi.com links. */
export interface SelectionInput {
  readonly ticker?: string | undefined;
  readonly tickers?: readonly string[] | undefined;
  /** One event or several. */
  readonly event?: string | readonly string[] | undefined;
  /** One series or several. */
  readonly series?: string | readonly string[] | undefined;
  /** Included. */
  readonly from?: TimeInput | undefined;
  /** Not included. */
  readonly to?: TimeInput | undefined;
}

/** The same, read: ids only, times as timestamps. */
export interface Selection {
  readonly tickers: readonly string[];
  readonly events: readonly string[];
  readonly series: readonly string[];
  readonly from: Timestamp | null;
  readonly to: Timestamp | null;
}

/**
 * Reads what a caller asked for.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `BAD_TIME`, `BAD_RANGE`
 */
export function readSelection(input: SelectionInput, now: Timestamp): Selection {
  const from = input.from === undefined ? null : readTime(input.from, now);
  const to = input.to === undefined ? null : readTime(input.to, now);
  if (from !== null && to !== null && from >= to) {
    throw new KalshiError("BAD_RANGE", `from (${String(input.from)}) is not before to (${String(input.to)})`, {
      hint: "from is included and to is not; swap them, or leave one out",
      context: { from: String(input.from), to: String(input.to) },
    });
  }
  return {
    tickers: ids("ticker", [...(input.ticker === undefined ? [] : [input.ticker]), ...(input.tickers ?? [])]),
    events: ids("event", input.event),
    series: ids("series", input.series),
    from,
    to,
  };
}

/** True when nothing narrows the selection but times. */
export function selectsAll(selection: Selection): boolean {
  return selection.tickers.length === 0 && selection.events.length === 0 && selection.series.length === 0;
}

function ids(noun: string, given: string | readonly string[] | undefined): readonly string[] {
  const list = given === undefined ? [] : typeof given === "string" ? [given] : given;
  return [...new Set(list.map((text) => readId(noun, text)))];
}

/** The id in what a user has at hand: the id itself, or a kalshi.com link, whose last part is the id in lower case. */
function readId(noun: string, text: unknown): string {
  const trimmed = typeof text === "string" ? text.trim() : "";
  const link = /^https?:\/\/(?:[\w-]+\.)*kalshi\.com?\/(.+)$/i.exec(trimmed);
  const id =
    link === null ? trimmed : (link[1]!.split(/[?#]/, 1)[0]!.split("/").filter(Boolean).at(-1) ?? "").toUpperCase();
  if (/^[\w.-]+$/.test(id)) return id;
  throw new KalshiError("BAD_ARGUMENT", `not a ${noun}: ${JSON.stringify(text)}`, {
    hint: `give the ${noun}'s id, such as "KXHIGHNY", or a kalshi.com link`,
    context: { noun, found: text },
  });
}
