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
 * buys and sells alike, since on a sell `side` is the side bought to close and not the side sold. `action` plays no part
 * here; what it says is compared with what the fill closed.
 *
 * A `side` that contradicts the newer fields is not believed. Null when no field says it, or the newer two contradict each other.
 */
export function directionOf({ outcome_side, book_side, side }: Sides): 1 | -1 | null {
  const sign = agreed(
    read(outcome_side, directions.outcome_side),
    read(book_side, directions.book_side),
    read(side, directions.side),
  );
  return sign === 0 ? null : sign;
}

/** The same from what each field says: 1 for YES, −1 for NO, 0 where it says nothing; 0 when no field says it or the newer two contradict each other. */
export function agreed(outcome: Sign, book: Sign, side: Sign): Sign {
  if (outcome !== 0) return book === 0 || book === outcome ? outcome : 0;
  return book !== 0 ? book : side;
}

export type Sign = 1 | -1 | 0;

/** What each field calls YES, and what NO. */
export const directions = {
  outcome_side: ["yes", "no"],
  book_side: ["bid", "ask"],
  side: ["yes", "no"],
} as const;

/** What a value of a field says. */
export function read(value: string | null, [long, short]: readonly [long: string, short: string]): Sign {
  return value === long ? 1 : value === short ? -1 : 0;
}

/** Refuses a fill of which {@link directionOf} knows nothing. @throws KalshiError `BAD_RECORD` */
export function badSides(sides: Sides, id: string): never {
  const found = `outcome_side ${sides.outcome_side}, book_side ${sides.book_side}, side ${sides.side}`;
  throw new KalshiError("BAD_RECORD", `fill ${id}: its sides do not say what it made longer (${found})`, {
    hint: "profit needs `outcome_side` (yes or no), or `book_side` (bid or ask), or in older records `side`",
    context: { id, outcome_side: sides.outcome_side, book_side: sides.book_side, side: sides.side },
  });
}
