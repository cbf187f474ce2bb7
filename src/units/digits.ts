import { parseFixed } from "./fixed.js";

/**
 * Quick readers of the wire's commonest shapes, digit by digit. NaN means "not that shape", and only that: whoever asked then
 * lets the strict reader decide.
 */

const POINT = 46;
const ZERO = 48;

/** Micro-dollars of `"0.5600"` and other plain decimals. */
export function quickPrice(text: string): number {
  if (text.length === 6 && text.charCodeAt(1) === POINT) {
    const a = text.charCodeAt(0) - ZERO;
    const b = text.charCodeAt(2) - ZERO;
    const c = text.charCodeAt(3) - ZERO;
    const d = text.charCodeAt(4) - ZERO;
    const e = text.charCodeAt(5) - ZERO;
    if ((noDigit(a) | noDigit(b) | noDigit(c) | noDigit(d) | noDigit(e)) === 0) {
      return a * 1_000_000 + b * 100_000 + c * 10_000 + d * 1_000 + e * 100;
    }
  }
  return parseFixed(text, 6);
}

/** Hundredths of a contract of `"10.00"` and other plain decimals. */
export function quickCount(text: string): number {
  const point = text.length - 3;
  if (point > 0 && point < 10 && text.charCodeAt(point) === POINT) {
    let value = 0;
    let odd = 0;
    for (let at = 0; at < point; at += 1) {
      const digit = text.charCodeAt(at) - ZERO;
      odd |= noDigit(digit);
      value = value * 10 + digit;
    }
    const tenths = text.charCodeAt(point + 1) - ZERO;
    const hundredths = text.charCodeAt(point + 2) - ZERO;
    if ((odd | noDigit(tenths) | noDigit(hundredths)) === 0) return value * 100 + tenths * 10 + hundredths;
  }
  return parseFixed(text, 2);
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
  const year = pair(text, 0) * 100 + pair(text, 2);
  const date = year * 10_000 + pair(text, 5) * 100 + pair(text, 8);
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  if (date < 0 || hour < 0 || minute < 0 || second < 0) return Number.NaN;
  // 24:00 and leap seconds are for the strict reader.
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  if (date !== lastDate) {
    const day = dayOf(date);
    if (Number.isNaN(day)) return day;
    lastDate = date;
    lastDay = day;
  }
  const micros = length === 20 ? 0 : fraction(text, length - 1);
  return (((lastDay * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros;
}

/** Zero for 0 to 9, else not zero: without a branch, so that several can be asked at once. */
function noDigit(value: number): number {
  return (value | (value + 6)) & ~15;
}

/** What two characters that are no digits add to a number: enough to make all of it negative. */
const NO_PAIR = -1e9;

/** Two digits as a number; hugely negative when they are none. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return (noDigit(tens) | noDigit(ones)) === 0 ? tens * 10 + ones : NO_PAIR;
}

function fraction(text: string, end: number): number {
  if (text.charCodeAt(19) !== POINT || end === 20) return Number.NaN;
  let micros = 0;
  let odd = 0;
  for (let at = 20; at < end; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    odd |= noDigit(digit);
    micros = micros * 10 + digit;
  }
  if (odd !== 0) return Number.NaN;
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
