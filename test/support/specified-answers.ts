import fc from "fast-check";
import { formatCount } from "../../src/units/count.js";
import { formatPrice } from "../../src/units/price.js";
import { formatTime } from "../../src/units/time.js";
import type { Schema } from "./specified-operations.js";

/** Something put into an answer that no specification knows: an unknown key, or an unknown word where there are known ones. */
export const UNKNOWN_KEY = "zz_unknown_";
export const UNKNOWN_WORD = "zz-new-word-";

export interface AnswerOptions {
  /** Put unknown keys and unknown words in, each with a number of its own. */
  readonly unknown: boolean;
  /** Leave nothing out and nothing null, one item per list. */
  readonly full?: boolean;
}

/** Answers of a shape of the specification. */
export function answers(schema: Schema, options: AnswerOptions): fc.Arbitrary<unknown> {
  return anyOf("", schema, options, { next: 0 });
}

interface Numbering {
  next: number;
}

function anyOf(name: string, schema: Schema, options: AnswerOptions, numbers: Numbering): fc.Arbitrary<unknown> {
  const value = plainOf(name, schema, options, numbers);
  return schema.nullable && options.full !== true ? fc.option(value, { nil: null, freq: 4 }) : value;
}

function plainOf(name: string, schema: Schema, options: AnswerOptions, numbers: Numbering): fc.Arbitrary<unknown> {
  if (schema.name === "PriceLevelDollarsCountFp") return fc.tuple(dollars, contracts);
  if (schema.properties !== null) return objectOf(schema.properties, schema.required, options, numbers);
  if (schema.type === "array") {
    const item = anyOf(name, schema.items!, options, numbers);
    return fc.array(item, options.full === true ? { minLength: 1, maxLength: 1 } : { maxLength: 3 });
  }
  if (schema.type === "object") {
    if (schema.each === null) return fc.dictionary(key, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
    return fc.dictionary(key, anyOf(name, schema.each, options, numbers), {
      minKeys: options.full === true ? 1 : 0,
      maxKeys: 2,
    });
  }
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "integer") return fc.integer({ min: 0, max: 2_000_000_000 });
  if (schema.type === "number") return fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
  return textOf(name, schema, options, numbers);
}

function objectOf(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
  options: AnswerOptions,
  numbers: Numbering,
): fc.Arbitrary<unknown> {
  const model = Object.fromEntries(
    Object.entries(properties).map(([key, one]) => [key, anyOf(key, one, options, numbers)]),
  );
  const plain =
    properties.error === undefined || options.full === true ? recordOf(model, required, options) : itemOf(model);
  if (!options.unknown) return plain;
  return fc.tuple(plain, fc.boolean()).map(([value, more]) => {
    if (!more) return value;
    numbers.next += 1;
    return { ...value, [`${UNKNOWN_KEY}${numbers.next}`]: { given: numbers.next } };
  });
}

type Model = Readonly<Record<string, fc.Arbitrary<unknown>>>;

function recordOf(model: Model, required: readonly string[], options: AnswerOptions): fc.Arbitrary<object> {
  return fc.record(model, { requiredKeys: options.full === true ? Object.keys(model) : [...required] });
}

/** An item of a batch: the specification requires nothing of it, but it is either done, or has an error beside its ids. */
function itemOf({ error, ...done }: Model): fc.Arbitrary<object> {
  const given = (one: fc.Arbitrary<unknown>) => one.filter((value) => value !== null);
  const whole = Object.fromEntries(Object.entries(done).map(([key, one]) => [key, given(one)]));
  return fc.oneof(fc.record(whole), fc.record({ ...done, error: given(error!) }, { requiredKeys: ["error"] }));
}

function textOf(name: string, schema: Schema, options: AnswerOptions, numbers: Numbering): fc.Arbitrary<string> {
  if (schema.name === "FixedPointCount") return contracts;
  // Some amounts are plain texts in the specification and are told by their names, or by what holds them.
  if (schema.name === "FixedPointDollars" || name.endsWith("_dollars") || amounts.has(name)) return dollars;
  if (schema.format === "date-time") return time;
  if (schema.values !== null) {
    if (!options.unknown) return fc.constantFrom(...schema.values);
    const unknown = fc.constant(null).map(() => {
      numbers.next += 1;
      return `${UNKNOWN_WORD}${numbers.next}.`;
    });
    return fc.oneof(fc.constantFrom(...schema.values), unknown);
  }
  return fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
}

const amounts: ReadonlySet<string> = new Set(
  "start end step open low high close mean previous average_fill_price average_fee_paid balance".split(" "),
);

const key = fc.stringMatching(/^[A-Za-z][a-z]{0,6}$/).filter((text) => text !== "constructor");
const dollars = fc.integer({ min: 0, max: 1_000_000 }).map((micros) => formatPrice(micros));
const contracts = fc.integer({ min: -1_000_000, max: 1_000_000_000 }).map((hundredths) => formatCount(hundredths));
const time = fc.integer({ min: 1_600_000_000_000_000, max: 1_900_000_000_000_000 }).map((micros) => formatTime(micros));
