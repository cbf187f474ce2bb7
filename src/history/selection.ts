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
  refuseOversights(input);
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

const parts = ["ticker", "tickers", "event", "series"] as const;
const known: ReadonlySet<string> = new Set([...parts, "from", "to", "period"]);

/**
 * What narrows nothing although it was meant to would ask for the whole exchange: a word that is none of a selection's, a list that has come out
 * empty.
 */
function refuseOversights(input: SelectionInput): void {
  const unknown = Object.keys(input).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new KalshiError("BAD_ARGUMENT", `a question has no ${JSON.stringify(unknown)}`, {
      hint: `it takes ${[...known].join(", ")}, and the options of its method`,
      context: { found: unknown },
    });
  }
  const empty = parts.find((name) => Array.isArray(input[name]) && input[name].length === 0);
  if (empty !== undefined) {
    throw new KalshiError("BAD_ARGUMENT", `${empty} is an empty list`, {
      hint: `name at least one; leave ${empty} out to mean all there are`,
      context: { name: empty },
    });
  }
}

/** Refuses a subject that was named and is undefined. @throws KalshiError `BAD_ARGUMENT` */
export function refuseUndefined(input: SelectionInput): void {
  const named = parts.filter((name) => name in input);
  if (named.length === 0 || named.some((name) => input[name] !== undefined)) return;
  throw new KalshiError("BAD_ARGUMENT", `${named.join(" and ")} is undefined`, {
    hint: "look where it comes from; leave it out to mean all there are",
    context: { names: named },
  });
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
