import type { OrderbookDelta } from "../exchange/channel.js";
import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import { parseTime, type Timestamp } from "../units/time.js";
import { type DeltaShape, isSameShape, shapeOf, slot } from "./delta-shape.js";
import { type FixedText, fixedText, isAt } from "./fixed-text.js";
import { hasQuote, plainEnd, plainText } from "./plain-text.js";
import { LONGEST_TICKER, SHORTEST_TICKER, TickerTable } from "./ticker-table.js";

const QUOTE = 34;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** Shapes that are kept, and how often it is tried to learn one: a frame whose shape changes each time is read the long way. */
const MAX_SHAPES = 4;
const MAX_LESSONS = 64;
/** Digits of a whole number that a double holds exactly, whatever they are; and a 32-bit integer. */
const MAX_DIGITS = 15;
const SMALL_DIGITS = 9;
export const PRICE_DECIMALS = 6;
export const COUNT_DECIMALS = 2;

/** A delta as it was sent, with its place in the count. */
export interface DeltaMessage extends OrderbookDelta {
  readonly sid: number | null;
  readonly seq: number | null;
}

/** A shape, ready to be compared. */
interface Program {
  readonly shape: DeltaShape;
  readonly slots: readonly number[];
  readonly texts: readonly FixedText[];
  /** The first sixteen bytes of the text last passed over at each slot, as doubles: known to be plain, and likely to come again. */
  readonly passed: Float64Array;
}

/**
 * Reads frames of `orderbook_delta` out of their bytes, without making objects of them.
 *
 * It learns the shape of a connection's frames (their keys, in order, and what is between the values) from one that was read the long way,
 * and then compares each byte that is no value. Whatever is not exactly so, it does not read: then the long way decides, and what it
 * reads is the same to the last bit.
 */
export class DeltaReader implements DeltaMessage {
  // What the last frame that was read says; of no meaning after one that was not.
  sid = 0;
  seq = 0;
  ticker = "";
  side: "yes" | "no" = "yes";
  /** As sent: with `use_yes_price` that of a NO level is a YES price. */
  price: Price = 0;
  delta: Count = 0;
  time: Timestamp | null = null;
  clientOrderId: string | null = null;
  /** Number of the ticker, from 0: the same for the same ticker, until too many have been seen. */
  market = 0;
  readonly #tickers = new TickerTable();
  #programs: Program[] = [];
  #lessons = 0;
  #buffer: ArrayBufferLike | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** The first eight digits of the last `ts_ms` as a double, and the milliseconds that they are with zeros behind. */
  #millisHead = Number.NaN;
  #millisOfHead = 0;
  /** Behind the number that was read last; −1 where there was none. */
  #end = 0;

  /** Reads the frame in `bytes[from, to)`; false when it has to be read the long way. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    if (bytes.buffer !== this.#buffer) {
      this.#buffer = bytes.buffer;
      this.#view = new DataView(bytes.buffer);
    }
    const programs = this.#programs;
    for (let index = 0; index < programs.length; index += 1) {
      if (!this.#run(programs[index]!, bytes, from, to)) continue;
      // The next frame is likely to have the same.
      if (index > 0) programs.unshift(...programs.splice(index, 1));
      return true;
    }
    return false;
  }

  /** Learns from a frame that the long way has read as a delta. */
  learn(bytes: Uint8Array): void {
    if (this.#lessons >= MAX_LESSONS) return;
    this.#lessons += 1;
    const shape = shapeOf(bytes);
    if (shape === null || this.#programs.some((one) => isSameShape(one.shape, shape))) return;
    this.#programs = [programOf(shape), ...this.#programs].slice(0, MAX_SHAPES);
  }

  #run(program: Program, bytes: Uint8Array, from: number, to: number): boolean {
    const { slots, texts } = program;
    const view = this.#view;
    const base = bytes.byteOffset;
    this.time = null;
    this.clientOrderId = null;
    let at = from;
    for (let step = 0; step < slots.length; step += 1) {
      const text = texts[step]!;
      if (at + text.length > to || !isAt(view, base + at, text)) return false;
      at += text.length;
      switch (slots[step]) {
        case slot.end:
          return at === to;
        case slot.passedText:
          at = this.#pass(program, step, bytes, at, to);
          break;
        case slot.passedNumber:
          at = numberEnd(bytes, at, to);
          break;
        case slot.sid:
          this.sid = this.#whole(bytes, at, to);
          at = this.#end;
          break;
        case slot.seq:
          this.seq = this.#whole(bytes, at, to);
          at = this.#end;
          break;
        case slot.ticker:
          at = this.#tickerAt(bytes, at, to);
          break;
        case slot.marketId:
          at = this.#marketId(bytes, at, to);
          break;
        case slot.price:
          at = this.#priceAt(bytes, at, to);
          break;
        case slot.delta:
          at = this.#deltaAt(bytes, at, to);
          break;
        case slot.side:
          at = this.#sideAt(bytes, at, to);
          break;
        case slot.millis:
          at = this.#millisAt(bytes, at, to);
          break;
        case slot.timeText:
          at = this.#timeAt(bytes, at, to);
          break;
        case slot.clientOrderId: {
          const end = plainEnd(bytes, at, to);
          this.clientOrderId = plainText(bytes, at, end);
          at = end;
          break;
        }
      }
      if (at < 0) return false;
    }
    return false;
  }

  /** Behind a text that is only passed over. */
  #pass({ passed }: Program, step: number, bytes: Uint8Array, at: number, to: number): number {
    if (at + 16 > to) return plainEnd(bytes, at, to);
    const view = this.#view;
    const base = bytes.byteOffset + at;
    const first = view.getFloat64(base, true);
    const second = view.getFloat64(base + 8, true);
    if (first === passed[step * 2] && second === passed[step * 2 + 1]) return plainEnd(bytes, at + 16, to);
    const end = plainEnd(bytes, at, to);
    if (end >= at + 16) {
      passed[step * 2] = first;
      passed[step * 2 + 1] = second;
    }
    return end;
  }

  #tickerAt(bytes: Uint8Array, from: number, to: number): number {
    const view = this.#view;
    const base = bytes.byteOffset;
    let hash = 0;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(base + at, true);
      if (hasQuote(word)) break;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
    }
    for (; at < to && bytes[at] !== QUOTE; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x9e3779b1);
    hash ^= hash >>> 15;
    const length = at - from;
    if (length < SHORTEST_TICKER || length > LONGEST_TICKER) return -1;
    let market = this.#tickers.find(view, base + from, length, hash);
    if (market < 0) {
      if (plainEnd(bytes, from, at) !== at) return -1;
      market = this.#tickers.add(view, base + from, length, hash);
    }
    this.market = market;
    this.ticker = this.#tickers.text(market);
    return at;
  }

  /** Behind a market's id, which is the same each time. */
  #marketId(bytes: Uint8Array, at: number, to: number): number {
    const view = this.#view;
    const base = bytes.byteOffset;
    const length = this.#tickers.idAt(this.market, view, base + at, base + to);
    if (length > 0 && bytes[at + length] === QUOTE) return at + length;
    const end = plainEnd(bytes, at, to);
    this.#tickers.learnId(this.market, view, base + at, end - at);
    return end;
  }

  /** A plain decimal of at most six decimals. */
  #priceAt(bytes: Uint8Array, at: number, to: number): number {
    if (at + 6 < to && bytes[at + 1] === POINT && bytes[at + 6] === QUOTE) {
      const a = bytes[at]! - ZERO;
      const b = bytes[at + 2]! - ZERO;
      const c = bytes[at + 3]! - ZERO;
      const d = bytes[at + 4]! - ZERO;
      const e = bytes[at + 5]! - ZERO;
      if ((noDigit(a) | noDigit(b) | noDigit(c) | noDigit(d) | noDigit(e)) === 0) {
        this.price = a * 1_000_000 + b * 100_000 + c * 10_000 + d * 1_000 + e * 100;
        return at + 6;
      }
    }
    const end = decimalEnd(bytes, at, to);
    this.price = decimalIn(bytes, at, end, PRICE_DECIMALS);
    return Number.isNaN(this.price) ? -1 : end;
  }

  /** A plain decimal of at most two decimals, with its sign. */
  #deltaAt(bytes: Uint8Array, from: number, to: number): number {
    const isNegative = bytes[from] === MINUS;
    const start = isNegative ? from + 1 : from;
    let at = start;
    let value = 0;
    for (; at < to; at += 1) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = (Math.imul(value, 10) + digit) | 0;
    }
    if (at > start && at - start <= SMALL_DIGITS - COUNT_DECIMALS && at + 3 < to && bytes[at] === POINT) {
      const tenths = bytes[at + 1]! - ZERO;
      const hundredths = bytes[at + 2]! - ZERO;
      if ((noDigit(tenths) | noDigit(hundredths)) === 0 && bytes[at + 3] === QUOTE) {
        value = value * 100 + tenths * 10 + hundredths;
        this.delta = isNegative && value !== 0 ? -value : value;
        return at + 3;
      }
    }
    const end = decimalEnd(bytes, from, to);
    this.delta = decimalIn(bytes, from, end, COUNT_DECIMALS);
    return Number.isNaN(this.delta) ? -1 : end;
  }

  #sideAt(bytes: Uint8Array, at: number, to: number): number {
    if (at + 3 >= to) return -1;
    if (bytes[at] === 121 && bytes[at + 1] === 101 && bytes[at + 2] === 115 && bytes[at + 3] === QUOTE) {
      this.side = "yes";
      return at + 3;
    }
    if (bytes[at] === 110 && bytes[at + 1] === 111 && bytes[at + 2] === QUOTE) {
      this.side = "no";
      return at + 2;
    }
    return -1;
  }

  #millisAt(bytes: Uint8Array, at: number, to: number): number {
    if (at + 13 < to) {
      // The first eight of thirteen digits change every hundred seconds.
      const head = this.#view.getFloat64(bytes.byteOffset + at, true);
      const a = bytes[at + 8]! - ZERO;
      const b = bytes[at + 9]! - ZERO;
      const c = bytes[at + 10]! - ZERO;
      const d = bytes[at + 11]! - ZERO;
      const e = bytes[at + 12]! - ZERO;
      const isLike = head === this.#millisHead && noDigit(bytes[at + 13]! - ZERO) !== 0;
      if (isLike && (noDigit(a) | noDigit(b) | noDigit(c) | noDigit(d) | noDigit(e)) === 0) {
        this.time = (this.#millisOfHead + a * 10_000 + b * 1_000 + c * 100 + d * 10 + e) * 1000;
        return at + 13;
      }
    }
    const millis = this.#whole(bytes, at, to);
    this.time = millis * 1000;
    if (this.#end - at === 13) {
      this.#millisHead = this.#view.getFloat64(bytes.byteOffset + at, true);
      this.#millisOfHead = Math.floor(millis / 100_000) * 100_000;
    }
    return this.#end;
  }

  /** A whole number of JSON, which has no zero before other digits; it ends at −1 where none stands, or one too long to be exact. */
  #whole(bytes: Uint8Array, from: number, to: number): number {
    let value = 0;
    let at = from;
    for (; at < to; at += 1) {
      const digit = bytes[at]! - ZERO;
      if (noDigit(digit) !== 0) break;
      value = (Math.imul(value, 10) + digit) | 0;
    }
    const digits = at - from;
    this.#end = digits > 0 && digits <= MAX_DIGITS && (digits === 1 || bytes[from] !== ZERO) ? at : -1;
    return digits <= SMALL_DIGITS ? value : longIn(bytes, from, at);
  }

  #timeAt(bytes: Uint8Array, at: number, to: number): number {
    const end = plainEnd(bytes, at, to);
    try {
      this.time = parseTime(plainText(bytes, at, end));
    } catch {
      return -1;
    }
    return end;
  }
}

function programOf(shape: DeltaShape): Program {
  return {
    shape,
    slots: shape.slots,
    texts: shape.texts.map(fixedText),
    passed: new Float64Array(shape.slots.length * 2).fill(Number.NaN),
  };
}

/** Behind a whole number of JSON, which has no zero before other digits; −1 where none stands, or one too long to be exact. */
function numberEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && noDigit(bytes[at]! - ZERO) === 0) at += 1;
  const digits = at - from;
  return digits > 0 && digits <= MAX_DIGITS && (digits === 1 || bytes[from] !== ZERO) ? at : -1;
}

/** More digits than a 32-bit integer holds; of use only where they are not too many for a double. */
function longIn(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + bytes[at]! - ZERO;
  return value;
}

/** Behind the letters of a plain decimal. */
function decimalEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== QUOTE) at += 1;
  return at;
}

/** A plain decimal as an integer of `10^-decimals`; NaN for what is finer, too long or none: those are for the long way. */
export function decimalIn(bytes: Uint8Array, from: number, to: number, decimals: number): number {
  const start = bytes[from] === MINUS ? from + 1 : from;
  let value = 0;
  let point = -1;
  for (let at = start; at < to; at += 1) {
    const digit = bytes[at]! - ZERO;
    if (noDigit(digit) === 0) value = value * 10 + digit;
    else if (point < 0 && at > start && at < to - 1 && bytes[at] === POINT) point = at;
    else return Number.NaN;
  }
  const whole = (point < 0 ? to : point) - start;
  let missing = point < 0 ? decimals : decimals - (to - point - 1);
  if (whole === 0 || missing < 0 || whole + decimals > MAX_DIGITS) return Number.NaN;
  for (; missing > 0; missing -= 1) value *= 10;
  return start > from && value !== 0 ? -value : value;
}

/** Zero for 0 to 9, else not zero: without a branch, so that several can be asked at once. */
function noDigit(value: number): number {
  return (value | (value + 6)) & ~15;
}
