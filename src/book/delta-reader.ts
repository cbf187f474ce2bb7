import type { Count } from "../units/count.js";
import type { Price } from "../units/price.js";
import { parseTime, type Timestamp } from "../units/time.js";
import { type DeltaShape, isSameShape, shapeOf, slot } from "./delta-shape.js";
import { type FixedText, fixedText, isAt } from "./fixed-text.js";
import { hasQuote, plainEnd, plainText } from "./plain-text.js";
import { type KnownTicker, TickerTable } from "./ticker-table.js";

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
const PRICE_DECIMALS = 6;
const COUNT_DECIMALS = 2;

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
export class DeltaReader {
  // What the last frame that was read says; of no meaning after one that was not.
  sid = 0;
  seq = 0;
  ticker = "";
  side: "yes" | "no" = "yes";
  /** As sent: with `use_yes_price` that of a NO level is a YES price. */
  price: Price = 0;
  delta: Count = 0;
  hasTime = false;
  /** Of meaning where `hasTime` is. */
  time: Timestamp = 0;
  clientOrderId: string | null = null;
  readonly #tickers = new TickerTable();
  #known: KnownTicker | null = null;
  #programs: Program[] = [];
  #lessons = 0;
  #buffer: ArrayBufferLike | null = null;
  #view = new DataView(new ArrayBuffer(0));
  /** The first eight digits of the last `ts_ms`, as a double, and what they are in milliseconds by how many digits follow. */
  #millisStart = 0;
  #millisHead = 0;

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
    this.hasTime = false;
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
        case slot.sid: {
          const end = numberEnd(bytes, at, to);
          this.sid = numberIn(bytes, at, end);
          at = end;
          break;
        }
        case slot.seq: {
          const end = numberEnd(bytes, at, to);
          this.seq = numberIn(bytes, at, end);
          at = end;
          break;
        }
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
    let known = this.#tickers.find(view, base + from, at - from, hash);
    if (known === undefined) {
      if (plainEnd(bytes, from, at) !== at) return -1;
      known = this.#tickers.add(bytes.slice(from, at), hash);
    }
    this.#known = known;
    this.ticker = known.text;
    return at;
  }

  /** Behind a market's id, which is the same each time. */
  #marketId(bytes: Uint8Array, at: number, to: number): number {
    const known = this.#known;
    if (known === null) return plainEnd(bytes, at, to);
    const { marketId } = known;
    if (marketId !== null) {
      const end = at + marketId.length;
      if (end < to && bytes[end] === QUOTE && isAt(this.#view, bytes.byteOffset + at, marketId)) return end;
    }
    const end = plainEnd(bytes, at, to);
    known.marketId = fixedText(bytes.slice(at, end));
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
    this.hasTime = true;
    const end = numberEnd(bytes, at, to);
    if (end - at !== 13) {
      this.time = numberIn(bytes, at, end) * 1000;
      return end;
    }
    // The first eight of thirteen digits change every hundred seconds.
    const start = this.#view.getFloat64(bytes.byteOffset + at, true);
    if (start !== this.#millisStart) {
      this.#millisStart = start;
      this.#millisHead = smallIn(bytes, at, at + 8) * 100_000;
    }
    this.time = (this.#millisHead + smallIn(bytes, at + 8, end)) * 1000;
    return end;
  }

  #timeAt(bytes: Uint8Array, at: number, to: number): number {
    const end = plainEnd(bytes, at, to);
    try {
      this.time = parseTime(plainText(bytes, at, end));
    } catch {
      return -1;
    }
    this.hasTime = true;
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

function numberIn(bytes: Uint8Array, from: number, to: number): number {
  if (to - from <= SMALL_DIGITS) return smallIn(bytes, from, to);
  const middle = to - SMALL_DIGITS;
  return smallIn(bytes, from, middle) * 1e9 + smallIn(bytes, middle, to);
}

/** At most nine digits. */
function smallIn(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = (Math.imul(value, 10) + bytes[at]! - ZERO) | 0;
  return value;
}

/** Behind the letters of a plain decimal. */
function decimalEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== QUOTE) at += 1;
  return at;
}

/** A plain decimal as an integer of `10^-decimals`; NaN for what is finer, too long or none: those are for the long way. */
function decimalIn(bytes: Uint8Array, from: number, to: number, decimals: number): number {
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
