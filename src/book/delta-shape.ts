import { isPlain } from "./plain-text.js";

/** What stands between two pieces of fixed text of a frame. */
export const slot = {
  /** Nothing: the text is the frame's end. */
  end: 0,
  /** Text or a whole number that changes nothing of the event; looked at only to be sure that it is one. */
  passedText: 1,
  passedNumber: 2,
  sid: 3,
  seq: 4,
  ticker: 5,
  /** Also passed over, and always the same for the ticker before it. */
  marketId: 6,
  price: 7,
  delta: 8,
  side: 9,
  /** `ts_ms`. */
  millis: 10,
  /** `ts`, where there is no `ts_ms`. */
  timeText: 11,
  clientOrderId: 12,
} as const;

/** A frame's text between its values, and what each value is. */
export interface DeltaShape {
  /** One before each slot; that of `end` closes the frame. */
  readonly texts: readonly Uint8Array[];
  readonly slots: readonly number[];
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN = 123;
const CLOSE = 125;

/** Slots of the values at the top, by key, and whether each must be there. Any other number or text is passed over. */
const outer: ReadonlyMap<string, number> = new Map([
  ["sid", slot.sid],
  ["seq", slot.seq],
]);
const inner: ReadonlyMap<string, number> = new Map([
  ["market_ticker", slot.ticker],
  ["market_id", slot.marketId],
  ["price_dollars", slot.price],
  ["delta_fp", slot.delta],
  ["side", slot.side],
  ["ts_ms", slot.millis],
  ["ts", slot.timeText],
  ["client_order_id", slot.clientOrderId],
]);
const needed: readonly number[] = [slot.sid, slot.seq, slot.ticker, slot.price, slot.delta, slot.side];
/** Text with a meaning, which a number in its place would not have; and the other way round. */
const texts: ReadonlySet<number> = new Set([
  slot.ticker,
  slot.marketId,
  slot.price,
  slot.delta,
  slot.side,
  slot.timeText,
  slot.clientOrderId,
]);
/** Keys that say something where `ts_ms` and `ts` are missing; and of an answer to a command. Frames with them are read the long way. */
const unusual: ReadonlySet<string> = new Set(["time", "last_updated_ts_ms", "created_ts_ms", "id"]);

/**
 * The shape of a frame that has been read as `orderbook_delta` the long way, or null where it has one that is not learned: spaces, escapes,
 * letters beyond ASCII, values that are neither text nor whole numbers, a key twice, no `sid` or no `seq`.
 */
export function shapeOf(bytes: Uint8Array): DeltaShape | null {
  return new Learner(bytes).learn();
}

class Learner {
  readonly #bytes: Uint8Array;
  readonly #texts: Uint8Array[] = [];
  readonly #slots: number[] = [];
  #at = 0;
  /** Where the text begins that leads to the next value. */
  #from = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  learn(): DeltaShape | null {
    if (!this.#object(true)) return null;
    if (this.#bytes[this.#at] === 10) this.#at += 1;
    if (this.#at !== this.#bytes.length) return null;
    this.#put(slot.end);
    const slots = this.#slots;
    if (needed.some((one) => !slots.includes(one))) return null;
    // Where the id comes first, it is not known whose it will be.
    const isLate = slots.indexOf(slot.marketId) < slots.indexOf(slot.ticker);
    // With both, only `ts_ms` is read.
    const hasMillis = slots.includes(slot.millis);
    return {
      texts: this.#texts,
      slots: slots.map((one) =>
        (one === slot.timeText && hasMillis) || (one === slot.marketId && isLate) ? slot.passedText : one,
      ),
    };
  }

  #object(isOuter: boolean): boolean {
    const seen = new Set<string>();
    if (!this.#take(OPEN)) return false;
    do {
      const key = this.#text();
      if (key === null || seen.has(key) || unusual.has(key) || !this.#take(COLON)) return false;
      seen.add(key);
      if (!this.#value(isOuter, key)) return false;
    } while (this.#take(COMMA));
    return this.#take(CLOSE) && (!isOuter || (seen.has("type") && seen.has("msg")));
  }

  #value(isOuter: boolean, key: string): boolean {
    if (isOuter && key === "msg") return this.#object(false);
    const known = (isOuter ? outer : inner).get(key);
    if (this.#bytes[this.#at] === QUOTE) {
      // The type is the same in every such frame, and so a part of the text around.
      if (isOuter && key === "type") return this.#text() === "orderbook_delta";
      if (known !== undefined && !texts.has(known)) return false;
      this.#at += 1;
      this.#put(known ?? slot.passedText);
      this.#at -= 1;
      if (this.#text() === null) return false;
      this.#from = this.#at - 1;
      return true;
    }
    if (known !== undefined && texts.has(known)) return false;
    this.#put(known ?? slot.passedNumber);
    while (isDigit(this.#bytes[this.#at])) this.#at += 1;
    const isOne = this.#at > this.#from + this.#texts.at(-1)!.length;
    this.#from = this.#at;
    return isOne;
  }

  /** The text up to here leads to a value. */
  #put(kind: number): void {
    // A copy, which a buffer's own `slice` is not: the frame's memory is used again.
    this.#texts.push(Uint8Array.prototype.slice.call(this.#bytes, this.#from, this.#at));
    this.#slots.push(kind);
  }

  #take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  /** Passes a quoted text without escapes, and gives what is in it. */
  #text(): string | null {
    if (!this.#take(QUOTE)) return null;
    let text = "";
    for (; this.#at < this.#bytes.length; this.#at += 1) {
      const byte = this.#bytes[this.#at]!;
      if (byte === QUOTE) {
        this.#at += 1;
        return text;
      }
      if (!isPlain(byte)) return null;
      text += String.fromCharCode(byte);
    }
    return null;
  }
}

/** Whether two shapes are the same. */
export function isSameShape(a: DeltaShape, b: DeltaShape): boolean {
  return (
    a.slots.length === b.slots.length &&
    a.slots.every((one, at) => one === b.slots[at]) &&
    a.texts.every((text, at) => Buffer.compare(text, b.texts[at]!) === 0)
  );
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
