import * as fc from "fast-check";
import type { Field, Fields, Kind } from "../../src/exchange/field.js";

/** A trade in wire shape, invented, with whatever a test wants otherwise. */
export function rawTrade(number: number, change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const hex = number.toString(16).padStart(12, "0");
  const second = String(number % 60).padStart(2, "0");
  return {
    trade_id: `0f0e0d0c-0b0a-4908-8706-${hex}`,
    ticker: number % 3 === 0 ? "KXTEST-26NOV01-B1" : "KXTEST-26NOV01-B2",
    yes_price_dollars: `0.${String(10 + (number % 80)).padStart(2, "0")}00`,
    no_price_dollars: `0.${String(90 - (number % 80)).padStart(2, "0")}00`,
    count_fp: `${number + 1}.00`,
    taker_outcome_side: number % 2 === 0 ? "yes" : "no",
    taker_book_side: number % 2 === 0 ? "bid" : "ask",
    taker_side: number % 2 === 0 ? "yes" : "no",
    is_block_trade: false,
    created_time: `2026-11-01T09:${String(Math.floor(number / 60) % 60).padStart(2, "0")}:${second}.${String(number % 1000).padStart(3, "0")}5Z`,
    ...change,
  };
}

const digits = (least: number, most: number) =>
  fc.array(fc.constantFrom(..."0123456789"), { minLength: least, maxLength: most }).map((list) => list.join(""));

const fraction = (most: number) =>
  fc.oneof(
    fc.constant(""),
    digits(1, most).map((text) => `.${text}`),
  );
const decimal = (whole: number, places: number) =>
  fc.tuple(fc.constantFrom("", "-"), digits(1, whole), fraction(places)).map((parts) => parts.join(""));

const time = fc
  .tuple(
    fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2105, 0) }),
    fc.oneof(
      fc.constant(""),
      digits(1, 9).map((text) => `.${text}`),
    ),
    fc.constantFrom("Z", "Z", "Z", "+02:00", "-0530"),
  )
  .map(([ms, part, zone]) => `${new Date(ms).toISOString().slice(0, 19)}${part}${zone}`);

const text = fc.oneof(
  fc.constantFrom(
    "",
    "yes",
    "no",
    "NULL",
    "null",
    " ",
    ",",
    '"',
    '""',
    "a,b",
    'say "x"',
    "line\nline",
    "line\r\nline",
    "\r",
    "ü€😀",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** Wire values of a kind in plain form: usual ones and odd ones, all valid. */
const values: Readonly<Record<Kind, fc.Arbitrary<unknown>>> = {
  dollars: fc.oneof(
    digits(4, 4).map((part) => `0.${part}`),
    decimal(9, 6),
  ),
  contracts: decimal(12, 2),
  time,
  text,
  uuid: fc.oneof(
    { weight: 20, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: fc.constantFrom("", "x", "ABCDEF01-0000-4000-8000-000000000000") },
  ),
  integer: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -5, max: 5 })),
  number: fc.double({ noNaN: true }),
  boolean: fc.boolean(),
  json: fc
    .json({ maxDepth: 2 })
    .map((json) => JSON.parse(json) as unknown)
    .filter((value) => value !== null),
};

/** Wire objects of a set of plain fields: every kind, absent ones as null and left out. */
export function wireObjects(fields: Fields): fc.Arbitrary<Record<string, unknown>[]> {
  const record = Object.fromEntries(
    Object.values(fields).map((field) => [field.wire[0]!, field.required ? values[field.kind] : optional(field)]),
  );
  return fc.array(fc.record(record, { requiredKeys: required(fields) }), { maxLength: 40 });
}

function optional(field: Field): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 3, arbitrary: values[field.kind] }, { weight: 1, arbitrary: fc.constant(null) });
}

function required(fields: Fields): string[] {
  return Object.values(fields).flatMap((field) => (field.required ? [field.wire[0]!] : []));
}
