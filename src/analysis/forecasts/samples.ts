import type { ColumnTable } from "arquero";
import { KalshiError } from "../../errors.js";
import { rawOf } from "../../frames/exact.js";
import { numbersOf } from "../../frames/numbers.js";
import { schemaOfColumn, withSchema } from "../../frames/schema.js";
import { DOLLAR, type Price } from "../../units/price.js";
import { tableGiven } from "../given-rows.js";
import { textsOf } from "../read-fills.js";
import { isScalar } from "./outcomes.js";

/** What is done with a market that was settled between 0 and 1: left out and counted, or scored by the value it paid. */
export type ScalarUse = "leave out" | "value";

/** Which columns of a table are scored, and how. */
export interface SampleOptions {
  /** Column of forecasts: prices in dollars, or probabilities of your own, rounded to a millionth. Default `price`. */
  readonly price?: string | undefined;
  /** Column of outcomes: what one YES contract paid, $. Default `outcome`. */
  readonly outcome?: string | undefined;
  /** Markets that were settled between 0 and 1, as a voided one is. */
  readonly scalar?: ScalarUse | undefined;
}

/** The forecasts of one time before close that are scored, and how many are not. */
export interface Sample {
  /** Null where the forecasts do not say. */
  readonly before: string | null;
  readonly hours_before: number | null;
  /** Row of the table of each forecast. */
  readonly rows: readonly number[];
  /** Micro-dollars of each forecast and outcome. */
  readonly prices: readonly Price[];
  readonly outcomes: readonly Price[];
  /** Event of each; null where the table has none. */
  readonly events: readonly (string | null)[] | null;
  readonly withoutPrice: number;
  readonly unsettled: number;
  readonly scalar: number;
}

/**
 * The forecasts of a table by their time before close, those that can be scored apart from those that cannot.
 *
 * @throws KalshiError `COLUMN_MISSING`, `COLUMN_KIND`; `BAD_PRICE` for a forecast or an outcome outside 0 and 1
 */
export function samplesOf(forecasts: ColumnTable, options: SampleOptions, scalarUse: ScalarUse): Sample[] {
  tableGiven("forecasts", forecasts, [options.price ?? "price", options.outcome ?? "outcome"]);
  const names = forecasts.columnNames();
  const use = readScalarUse(options.scalar ?? scalarUse);
  const prices = probabilities(forecasts, options.price ?? "price");
  const outcomes = probabilities(forecasts, options.outcome ?? "outcome");
  const texts = (name: string) => (names.includes(name) ? textsOf(forecasts, name) : null);
  const [results, events, before] = [texts("result"), texts("event_ticker"), texts("before")];
  const hours = names.includes("hours_before") ? numbersOf(forecasts, "hours_before") : null;
  const groups = new Map<string, number[]>();
  for (const row of prices.keys()) {
    const key = before?.[row] ?? "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const samples = [...groups.values()].map((group): Sample => {
    const priced = group.filter((row) => prices[row] !== null);
    const settled = priced.filter((row) => outcomes[row] !== null);
    const scalar = settled.filter((row) => isScalar(outcomes[row]!, results?.[row] ?? null));
    const left = new Set(use === "value" ? [] : scalar);
    const rows = settled.filter((row) => !left.has(row));
    return {
      before: before?.[group[0]!] ?? null,
      hours_before: hours?.[group[0]!] ?? null,
      rows,
      prices: rows.map((row) => prices[row]!),
      outcomes: rows.map((row) => outcomes[row]!),
      events: events === null ? null : rows.map((row) => events[row] ?? null),
      withoutPrice: group.length - priced.length,
      unsettled: priced.length - settled.length,
      scalar: scalar.length,
    };
  });
  return samples.sort((a, b) => (a.hours_before ?? 0) - (b.hours_before ?? 0));
}

/** A column from 0 to 1 in millionths: dollars as they are, other numbers rounded. */
function probabilities(table: ColumnTable, name: string): (Price | null)[] {
  const { kind } = schemaOfColumn(table, name);
  const values = rawOf(kind === "dollars" ? table : withSchema(table, { [name]: "dollars" }), name);
  for (const [row, value] of values.entries()) {
    if (value === null || (value >= 0 && value <= DOLLAR)) continue;
    throw new KalshiError("BAD_PRICE", `column \`${name}\`, row ${row}: ${value / DOLLAR} is not between 0 and 1`, {
      hint: "forecasts are probabilities or prices in dollars, outcomes what one YES contract paid",
      context: { column: name, row, value: value / DOLLAR },
    });
  }
  return values;
}

function readScalarUse(use: ScalarUse): ScalarUse {
  if (use === "leave out" || use === "value") return use;
  throw new KalshiError("BAD_ARGUMENT", `what to do with scalar settlements: ${JSON.stringify(use)}`, {
    hint: 'give { scalar: "leave out" } or { scalar: "value" }',
    context: { scalar: use },
  });
}
