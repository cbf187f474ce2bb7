import { existsSync, readFileSync } from "node:fs";

const FILE = new URL("../../../shared/kalshi/samples.json", import.meta.url);

/** Why there are no samples of the exchange's bodies here; null when there are. Where everything must run, that is an error. */
export const whyNoSamples: string | null = existsSync(FILE) ? null : "../shared/kalshi/samples.json is not here";
if (whyNoSamples !== null && process.env.CI === "true") throw new Error(whyNoSamples);

/** One body of the exchange in its exact shape, with made-up values. */
export interface RestSample {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Of the specification; null where the body has another shape than it says. */
  readonly schema: string | null;
  readonly body: unknown;
}

/** The bodies of the REST operations. */
export function restSamples(): readonly RestSample[] {
  return (JSON.parse(readFileSync(FILE, "utf8")) as { rest: readonly RestSample[] }).rest;
}

/** What the specification allows at a path such as `markets[].strike_type`. */
export interface Allowed {
  /** The field may be absent, for the exchange leaves out what is empty, or came and went. */
  optional(path: string): boolean;
  /** The field may be null. */
  nullable(path: string): boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * How a body differs in shape from a sample: keys that are in one of them only and not optional, other types, texts written otherwise.
 * Each row of a list is held against all rows of the sample's list together: what one of those lacks any row may lack.
 */
export function shapeDifferences(sample: unknown, found: unknown, allowed: Allowed, path = ""): readonly string[] {
  if (Array.isArray(sample) && Array.isArray(found)) return listDifferences(sample, found, allowed, path);
  if (isRecord(sample) && isRecord(found)) return recordDifferences(sample, found, allowed, path);
  const [expected, actual] = [kindOf(sample), kindOf(found)];
  if (expected === actual) return [];
  if ((sample === null || found === null) && allowed.nullable(path)) return [];
  // A text without a form of its own may be any text.
  if (typeof found === "string" && (expected === "text" || expected === "empty text")) return [];
  return [`${path} is ${actual}, not ${expected}`];
}

function listDifferences(
  sample: readonly unknown[],
  found: readonly unknown[],
  allowed: Allowed,
  path: string,
): readonly string[] {
  const [first] = sample;
  if (first === undefined) return [];
  if (found.length === 0) return [`${path} is empty, though the sample's is not`];
  const records = sample.filter(isRecord);
  // A price with its count is a list too, of which each place has its own form.
  if (typeof first === "string" && sample.length === 2 && found.length === 2) {
    return found.flatMap((item, i) => shapeDifferences(sample[i], item, allowed, `${path}[${i}]`));
  }
  if (records.length === 0) return found.flatMap((row) => shapeDifferences(first, row, allowed, `${path}[]`));
  const lacking = (at: string) => records.some((row) => !(at.slice(path.length + 3) in row));
  const here: Allowed = {
    optional: (at) => allowed.optional(at) || (isChild(path, at) && lacking(at)),
    nullable: (at) => allowed.nullable(at),
  };
  return found.flatMap((row, i) =>
    shapeDifferences(merged(records), row, here, `${path}[]`).map((what) => `${what} (row ${i})`),
  );
}

function recordDifferences(sample: Fields, found: Fields, allowed: Allowed, path: string): readonly string[] {
  const names = [...new Set([...Object.keys(sample), ...Object.keys(found)])];
  return names.flatMap((name) => {
    const at = path === "" ? name : `${path}.${name}`;
    const [isExpected, isFound] = [name in sample, name in found];
    if (isExpected && isFound) return shapeDifferences(sample[name], found[name], allowed, at);
    if (allowed.optional(at)) return [];
    return [isExpected ? `${at} is missing` : `${at} is not in the sample`];
  });
}

/** Every field that any of the rows has. */
function merged(rows: readonly Fields[]): Fields {
  const all: Record<string, unknown> = {};
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const before = all[name];
      all[name] = isRecord(before) && isRecord(value) ? merged([before, value]) : (before ?? value);
    }
  }
  return all;
}

function isChild(path: string, at: string): boolean {
  return at.startsWith(`${path}[].`) && !at.slice(path.length + 3).includes(".");
}

/** The kind of a value: for texts how they are written. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "string") return typeof value;
  return formats.find(([, pattern]) => pattern.test(value))?.[0] ?? "text";
}

const formats: readonly (readonly [string, RegExp])[] = [
  ["empty text", /^$/],
  ["amount of two decimals", /^-?\d+\.\d{2}$/],
  ["amount of four decimals", /^-?\d+\.\d{4}$/],
  ["amount of six decimals", /^-?\d+\.\d{6}$/],
  // Without zeros at the end of the fraction.
  ["time", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{0,5}[1-9])?Z$/],
  ["uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/],
];

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
