/** What a text looks like, where what it says is of no matter. The first that fits. */
const forms: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["uuid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ["time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/],
  ["four decimals", /^-?\d+\.\d{4}$/],
  ["six decimals", /^-?\d+\.\d{6}$/],
  ["two decimals", /^-?\d+\.\d{2}$/],
];

export interface ShapeOptions {
  /** Keys of objects may come in any order. */
  readonly anyOrder?: boolean;
}

/**
 * The shape of a value of JSON: keys in their order, kinds of values, forms of texts. A list has the shapes of its items, each once, and
 * tuples of a list are one item each. Texts without a form stand for themselves, so that words and tickers count.
 */
export function shapeOf(value: unknown, options: ShapeOptions = {}): unknown {
  if (typeof value === "string") return forms.find(([, pattern]) => pattern.test(value))?.[0] ?? `"${value}"`;
  if (typeof value === "number") return Number.isInteger(value) ? "whole number" : "number";
  if (Array.isArray(value)) return unique(value.map((item) => shapeOf(item, options)));
  if (typeof value !== "object" || value === null) return String(value === null ? "null" : typeof value);
  const entries = Object.entries(value).map(([key, item]) => [key, shapeOf(item, options)] as const);
  return options.anyOrder === true ? entries.toSorted(([a], [b]) => (a < b ? -1 : 1)) : entries;
}

function unique(shapes: readonly unknown[]): unknown {
  const seen = new Map(shapes.map((shape) => [JSON.stringify(shape), shape]));
  return { list: [...seen.values()] };
}
