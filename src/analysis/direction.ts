import { KalshiError } from "../errors.js";

/** The fields by which a fill says what it made longer. */
export interface Sides {
  readonly outcome_side: string | null;
  readonly book_side: string | null;
  /** Older records only. */
  readonly side: string | null;
}

/**
 * Whether a fill made its owner longer of YES (1) or of NO (−1).
 *
 * `outcome_side` says it, or `book_side` with the same meaning (`bid` is `yes`). Older records have neither: there `side` says it, for
 * buys and sells alike, since on a sell `side` is the side bought to close and not the side sold. `action` plays no part.
 *
 * Null when no field says it, or two contradict each other.
 */
export function directionOf(sides: Sides): 1 | -1 | null {
  const outcome = read(sides.outcome_side, "yes", "no");
  const book = read(sides.book_side, "bid", "ask");
  if (outcome !== null && book !== null && outcome !== book) return null;
  return outcome ?? book ?? read(sides.side, "yes", "no");
}

function read(value: string | null, long: string, short: string): 1 | -1 | null {
  return value === long ? 1 : value === short ? -1 : null;
}

/** Refuses a fill of which {@link directionOf} knows nothing. @throws KalshiError `BAD_RECORD` */
export function badSides(sides: Sides, id: string): never {
  const found = `outcome_side ${sides.outcome_side}, book_side ${sides.book_side}, side ${sides.side}`;
  throw new KalshiError("BAD_RECORD", `fill ${id}: its sides do not say what it made longer (${found})`, {
    hint: "profit needs `outcome_side` (yes or no), or `book_side` (bid or ask), or in older records `side`",
    context: { id, outcome_side: sides.outcome_side, book_side: sides.book_side, side: sides.side },
  });
}
