import { KalshiError } from "../errors.js";
import { type Count, parseCount } from "../units/count.js";
import { type Price, parsePrice } from "../units/price.js";
import { always, asObject, type WireObject } from "./field.js";
import { legacyFields } from "./legacy.js";
import { at, type ObjectOf, object, type Parts, type Shape } from "./shape.js";

/** One price with its count, in the side's own price. */
export interface Level {
  readonly price: Price;
  readonly count: Count;
}

/** A whole book as REST sends it: bids only, each side in its own price, ascending, best last. */
export interface Orderbook {
  readonly ticker: string;
  readonly yes: readonly Level[];
  readonly no: readonly Level[];
}

/** Columns of order book levels, one row per level, in table order. @see API: GET /markets/{ticker}/orderbook */
export const orderbookFields = {
  ticker: always("text", "ticker", "market"),
  side: always("text", "side", "`yes` or `no`: whose bids"),
  price: always("dollars", "price", "bid in the side's own price, $ per contract"),
  yes_price: always("dollars", "yes_price", "the same level in YES prices: a bid for `yes`, an ask for `no`, $"),
  count: always("contracts", "count", "contracts resting"),
};

/**
 * Reads `orderbook_fp` of a market. An absent or null side is empty.
 *
 * @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS`
 */
export function parseOrderbook(ticker: string, raw: unknown): Orderbook {
  const book = asObject("order book", raw);
  refuseOldSides(`order book ${ticker}`, book, "_dollars");
  return { ticker, yes: parseLevels(ticker, book.yes_dollars), no: parseLevels(ticker, book.no_dollars) };
}

/** Levels of one side; absent and null are an empty one. */
const levels: Shape<Level[]> = { parse: (raw, where) => parseLevels(where, raw), keys: "free" };

const sides = object({ yes: at("yes_dollars", levels), no: at("no_dollars", levels) });

/** Both sides of a book without its ticker, as answers have it under `orderbook_fp`. @see API: 7.4 Order book */
const book: Shape<ReturnType<typeof sides.parse>> = {
  ...sides,
  parse: (raw, where) => {
    refuseOldSides(where, asObject(where, raw), "_dollars");
    return sides.parse(raw, where);
  },
};

/** The part `orderbook` of an answer. @throws KalshiError `LEGACY_FIELDS` for a book in whole cents (from its parser) */
export function bookPart<P extends Parts>(parts: P): Shape<ObjectOf<P & { orderbook: typeof book }>> {
  const answer = object({ ...parts, orderbook: at("orderbook_fp", book) });
  return {
    ...answer,
    parse: (raw, where) => {
      const { orderbook, orderbook_fp } = asObject(where, raw);
      if (orderbook_fp === undefined && orderbook !== undefined) {
        throw legacyFields(where, "orderbook", "orderbook_fp.yes_dollars", "pairs of text, price and count");
      }
      return answer.parse(raw, where) as ObjectOf<P & { orderbook: typeof book }>;
    },
  };
}

/**
 * Refuses a book whose sides stand only under the names that they had before 2026; `ending` is what today's names end in.
 *
 * @throws KalshiError `LEGACY_FIELDS`
 */
export function refuseOldSides(where: string, book: WireObject, ending: "_dollars" | "_dollars_fp"): void {
  const isNew = book[`yes${ending}`] !== undefined || book[`no${ending}`] !== undefined;
  for (const side of ["yes", "no"]) {
    const today = `${side}${ending}`;
    if ((book[today] ?? null) !== null) continue;
    for (const old of [side, `${side}_dollars`]) {
      const levels = book[old];
      // Beside today's other side an empty list says nothing: an empty side may be left out.
      if (old === today || !Array.isArray(levels) || (isNew && levels.length === 0)) continue;
      const replacement = ending === "_dollars" ? `orderbook_fp.${today}` : today;
      throw legacyFields(where, old, replacement, "pairs of text, price and count");
    }
  }
}

/**
 * Reads a list of `[price, count]` pairs of text; absent or null is empty.
 *
 * @throws KalshiError `BAD_RECORD`
 */
export function parseLevels(ticker: string, raw: unknown): Level[] {
  if (raw === undefined || raw === null) return [];
  if (Array.isArray(raw)) {
    return raw.map((level: unknown) => {
      if (Array.isArray(level) && typeof level[0] === "string" && typeof level[1] === "string") {
        return { price: parsePrice(level[0]), count: parseCount(level[1]) };
      }
      throw badLevel(ticker, level);
    });
  }
  throw badLevel(ticker, raw);
}

function badLevel(ticker: string, found: unknown): KalshiError {
  return new KalshiError(
    "BAD_RECORD",
    `order book ${ticker}: a level should be two texts, price and count, was ${JSON.stringify(found)}`,
    {
      hint: "the record is refused rather than guessed at; if the exchange changed its shape, update this library",
      context: { ticker, found: JSON.stringify(found) },
    },
  );
}
