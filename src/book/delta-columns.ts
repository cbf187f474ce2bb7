import type { TextPattern } from "../store/text-pattern.js";
import { columnKind, type ValueColumn } from "../store/value-column.js";
import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import { parseTime, type Timestamp } from "../units/time.js";
import type { Book } from "./book.js";
import { COUNT_DECIMALS, type DeltaMessage, decimalIn, PRICE_DECIMALS } from "./delta-reader.js";
import { type DeltaShape, shapeOf, slot } from "./delta-shape.js";
import { LONGEST_TICKER, SHORTEST_TICKER } from "./ticker-table.js";

/** As many tickers as have numbers; beyond, all are given anew. */
const MOST_TICKERS = 32_768;
const MOST_SHAPES = 256;

/** The columns of one pattern of deltas, as they are needed. */
export interface DeltaRows {
  readonly sids: Float64Array;
  readonly sequences: Float64Array;
  readonly tickers: readonly string[];
  /** Number of each of the tickers; −1 for one whose frames are read from their text. */
  readonly markets: readonly number[];
  readonly tickerOf: Uint16Array;
  /** In units of `priceScale`, `deltaScale`; NaN where the text has to be read. */
  readonly prices: Float64Array;
  readonly priceScale: number;
  readonly deltas: Float64Array;
  readonly deltaScale: number;
  /** Of each of the sides: 1 for yes, 0 for no, 2 for what is neither. */
  readonly isYes: Uint8Array;
  readonly sideOf: Uint16Array;
  readonly millis: Float64Array | null;
  readonly timeTexts: ValueColumn | null;
  readonly clientOrderIds: ValueColumn | null;
  /** For who goes through the rows, by the number of the ticker: its book, undefined between two goes, and its last row, then −1. */
  readonly found: { readonly books: (Book | null | undefined)[]; readonly lastRows: Int32Array };
}

/**
 * Reads deltas out of the columns of a packed block, without their texts. As {@link DeltaReader} does with bytes, it reads only what it is
 * certain of, and what it reads is the same as the long way's; all else is for the text.
 */
export class DeltaColumns implements DeltaMessage {
  // What the last row that was read says; of no meaning after one that was not.
  sid = 0;
  seq = 0;
  ticker = "";
  side: "yes" | "no" = "yes";
  price: Price = 0;
  delta: Count = 0;
  time: Timestamp | null = null;
  clientOrderId: string | null = null;
  /** Number of the ticker, from 0. */
  market = 0;
  #pattern: TextPattern | null = null;
  #columns: DeltaRows | null = null;
  readonly #known = new WeakMap<TextPattern, DeltaRows | null>();
  readonly #numbers = new Map<string, number>();

  /** The columns of a pattern; null where its texts have to be read. */
  of(pattern: TextPattern): DeltaRows | null {
    if (pattern !== this.#pattern) this.#open(pattern);
    return this.#columns;
  }

  /** Reads a row; false when its text has to be read. */
  read(pattern: TextPattern, row: number): boolean {
    const columns = this.of(pattern);
    if (columns === null) return false;
    const price = columns.prices[row]! * columns.priceScale;
    const delta = columns.deltas[row]! * columns.deltaScale;
    const ticker = columns.tickerOf[row]!;
    const side = columns.isYes[columns.sideOf[row]!]!;
    if (Number.isNaN(price) || Number.isNaN(delta) || side > 1) return false;
    this.sid = columns.sids[row]!;
    this.seq = columns.sequences[row]!;
    this.ticker = columns.tickers[ticker]!;
    this.market = columns.markets[ticker]!;
    this.price = price;
    this.delta = delta;
    this.side = side === 1 ? "yes" : "no";
    this.clientOrderId = columns.clientOrderIds === null ? null : columns.clientOrderIds.text(row);
    if (columns.millis !== null) this.time = columns.millis[row]! * 1000;
    else if (columns.timeTexts === null) this.time = null;
    else return this.#readTime(columns.timeTexts.text(row));
    return this.market >= 0;
  }

  #readTime(text: string): boolean {
    try {
      this.time = parseTime(text);
      return this.market >= 0;
    } catch {
      return false;
    }
  }

  #open(pattern: TextPattern): void {
    let columns = this.#known.get(pattern);
    if (columns === undefined) {
      columns = this.#columnsOf(pattern);
      this.#known.set(pattern, columns);
    }
    this.#pattern = pattern;
    this.#columns = columns;
  }

  #columnsOf(pattern: TextPattern): DeltaRows | null {
    const shape = knownShape(pattern);
    if (shape === null) return null;
    const column = (wanted: number): ValueColumn | null => pattern.columns[shape.slots.indexOf(wanted)] ?? null;
    const passed = pattern.columns.filter((_, place) => shape.slots[place] === slot.passedNumber);
    const whole = [slot.sid, slot.seq, slot.millis].map(column);
    if ([...passed, ...whole].some((one) => one !== null && one.kind !== columnKind.whole)) return null;
    const tickers = dictionaryOf(column(slot.ticker)!);
    const sides = dictionaryOf(column(slot.side)!);
    if (tickers === null || sides === null) return null;
    const markets = tickers.texts.map((ticker) => this.#numberOf(ticker));
    const [prices, priceScale] = decimalsOf(column(slot.price)!, PRICE_DECIMALS);
    const [deltas, deltaScale] = decimalsOf(column(slot.delta)!, COUNT_DECIMALS);
    return {
      sids: column(slot.sid)!.numbers,
      sequences: column(slot.seq)!.numbers,
      tickers: tickers.texts,
      markets,
      tickerOf: tickers.numbers,
      prices,
      priceScale,
      deltas,
      deltaScale,
      isYes: Uint8Array.from(sides.texts, (side) => (side === "yes" ? 1 : side === "no" ? 0 : 2)),
      sideOf: sides.numbers,
      millis: column(slot.millis)?.numbers ?? null,
      timeTexts: column(slot.timeText),
      clientOrderIds: column(slot.clientOrderId),
      found: { books: tickers.texts.map(() => undefined), lastRows: new Int32Array(tickers.texts.length).fill(-1) },
    };
  }

  #numberOf(ticker: string): number {
    if (ticker.length < SHORTEST_TICKER || ticker.length > LONGEST_TICKER) return -1;
    const known = this.#numbers.get(ticker);
    if (known !== undefined) return known;
    // Who goes by numbers looks whether the ticker is the same.
    if (this.#numbers.size >= MOST_TICKERS) this.#numbers.clear();
    const number = this.#numbers.size;
    this.#numbers.set(ticker, number);
    return number;
  }
}

const shapes = new Map<string, DeltaShape | null>();

/** The shape of a pattern, which comes again in each block and for each reader; null for one that is not of deltas. */
function knownShape(pattern: TextPattern): DeltaShape | null {
  const key = pattern.columns.map(({ kind }) => kind).join() + pattern.texts.join("\0");
  let shape = shapes.get(key);
  if (shape === undefined) {
    const found = shapeOf(pattern.sample());
    shape = found !== null && isOf(found, pattern) ? found : null;
    if (shapes.size >= MOST_SHAPES) shapes.clear();
    shapes.set(key, shape);
  }
  return shape;
}

/** Whether the values of a pattern stand where those of a shape do. */
function isOf(shape: DeltaShape, { texts }: TextPattern): boolean {
  return (
    shape.texts.length === texts.length &&
    shape.texts.every((text, place) => Buffer.from(texts[place]!, "latin1").equals(text))
  );
}

function dictionaryOf(column: ValueColumn): ValueColumn["dictionary"] | null {
  if (column.kind === columnKind.dictionary) return column.dictionary;
  // Few rows of many markets: each its own.
  return column.kind === columnKind.texts && column.count <= 65_536
    ? {
        texts: Array.from({ length: column.count }, (_, row) => column.text(row)),
        numbers: Uint16Array.from({ length: column.count }, (_, row) => row),
      }
    : null;
}

/** Decimals as integers, and how many of `10^-decimals` each is; NaN for those of which the text has to be read. */
function decimalsOf(column: ValueColumn, decimals: number): readonly [values: Float64Array, scale: number] {
  const { kind, places, count } = column;
  if (kind === columnKind.decimal && places <= decimals) return [column.numbers, 10 ** (decimals - places)];
  const values = new Float64Array(count);
  if (kind === columnKind.dictionary) {
    const { texts, numbers } = column.dictionary;
    const known = texts.map((text) => scaledOf(text, decimals));
    for (let row = 0; row < count; row += 1) values[row] = known[numbers[row]!]!;
  } else for (let row = 0; row < count; row += 1) values[row] = scaledOf(column.text(row), decimals);
  return [values, 1];
}

function scaledOf(text: string, decimals: number): number {
  return decimalIn(Buffer.from(text, "latin1"), 0, text.length, decimals);
}
