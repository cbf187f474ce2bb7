import { COUNT_DECIMALS } from "../units/count.js";
import { parseFixed } from "../units/fixed.js";
import { PRICE_DECIMALS } from "../units/price.js";
import { DAY, HOUR, MINUTE, SECOND } from "../units/time.js";

/**
 * Quick readers of the wire's commonest shapes, digit by digit. NaN means "not that shape", and only that: whoever asked then
 * lets the strict reader decide.
 */

/** Micro-dollars of `"0.5600"` and other plain decimals. */
export function quickPrice(text: string): number {
  if (text.length === 6 && text.charCodeAt(1) === 46) {
    const a = text.charCodeAt(0) - 48;
    const b = text.charCodeAt(2) - 48;
    const c = text.charCodeAt(3) - 48;
    const d = text.charCodeAt(4) - 48;
    const e = text.charCodeAt(5) - 48;
    if (isDigit(a) && isDigit(b) && isDigit(c) && isDigit(d) && isDigit(e)) {
      return a * 1_000_000 + b * 100_000 + c * 10_000 + d * 1_000 + e * 100;
    }
  }
  return parseFixed(text, PRICE_DECIMALS);
}

/** Hundredths of a contract of `"10.00"` and other plain decimals. */
export function quickCount(text: string): number {
  return parseFixed(text, COUNT_DECIMALS);
}

let lastDate = -1;
let lastDay = 0;

/** Microseconds since 1970 of `"2026-11-01T09:30:00.123456Z"`, the fraction of one to six digits or missing. */
export function quickTime(text: string): number {
  const { length } = text;
  if (length < 20 || length > 27 || text.charCodeAt(length - 1) !== 90) return Number.NaN;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 84 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  ) {
    return Number.NaN;
  }
  const date = pair(text, 0) * 1_000_000 + pair(text, 2) * 10_000 + pair(text, 5) * 100 + pair(text, 8);
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  // A negative or NaN part is a character that is no digit; 24:00 and leap seconds are for the strict reader.
  if (!(date >= 0 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60)) {
    return Number.NaN;
  }
  if (date !== lastDate) {
    const day = dayOf(date);
    if (Number.isNaN(day)) return day;
    lastDate = date;
    lastDay = day;
  }
  const micros = length === 20 ? 0 : fraction(text, length - 1);
  return lastDay * DAY + hour * HOUR + minute * MINUTE + second * SECOND + micros;
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}

/** Two digits as a number; NaN when they are none. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return isDigit(tens) && isDigit(ones) ? tens * 10 + ones : Number.NaN;
}

function fraction(text: string, end: number): number {
  if (text.charCodeAt(19) !== 46 || end === 20) return Number.NaN;
  let micros = 0;
  for (let at = 20; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!isDigit(digit)) return Number.NaN;
    micros = micros * 10 + digit;
  }
  for (let at = end; at < 26; at += 1) micros *= 10;
  return micros;
}

/** Days since 1970 of a date written yyyymmdd; NaN when the calendar has no such day. */
function dayOf(date: number): number {
  const year = Math.floor(date / 10_000);
  const month = Math.floor(date / 100) % 100;
  const day = date % 100;
  // Date.UTC takes a year below 100 for one of the 20th century; the strict reader decides about those.
  if (year < 100) return Number.NaN;
  const ms = Date.UTC(year, month - 1, day);
  const back = new Date(ms);
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? ms / 86_400_000 : Number.NaN;
}
