import { KalshiError } from "../errors.js";
import { type Count, parseCount } from "../units/count.js";
import { type Price, parsePrice } from "../units/price.js";
import { always, asObject } from "./field.js";

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
  const object = asObject("order book", raw);
  if (object.yes_dollars === undefined && (Array.isArray(object.yes) || Array.isArray(object.no))) {
    throw new KalshiError(
      "LEGACY_FIELDS",
      `order book ${ticker} in the shape before 2026: \`yes\` where \`yes_dollars\` is expected`,
      {
        hint: "use `orderbook_fp.yes_dollars` and `no_dollars`; download the book again",
        context: { ticker, found: "yes", replacement: "yes_dollars" },
      },
    );
  }
  return { ticker, yes: parseLevels(ticker, object.yes_dollars), no: parseLevels(ticker, object.no_dollars) };
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
