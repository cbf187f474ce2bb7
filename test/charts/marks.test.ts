import { describe, expect, it } from "vitest";
import type { Datum, Json, Spec } from "../../src/charts/spec.js";
import { drawn } from "./drawing.js";
import { every } from "./every-chart.js";

/** Kinds of items that vega draws for the marks of vega-lite. */
const KINDS: Readonly<Record<string, string>> = { bar: "rect", tick: "rect", circle: "symbol", point: "symbol" };

/** Those that are drawn as one shape through all of their rows, with a hole where a row has no value. */
const THROUGH = ["line", "area"];

interface Scope {
  readonly rows: readonly Datum[];
  /** Fields that transforms compute of others. */
  readonly computed: readonly string[];
}

/** What the items of a spec must be, row by row, by its own data alone: as vega-lite's documentation has it, without asking vega-lite. */
function expectedItems(spec: Spec, outer: Scope = { rows: [], computed: [] }, kinds = new Map<string, Datum[]>()) {
  const transforms = (spec.transform ?? []) as readonly Spec[];
  const own = (spec.data as { values?: readonly Datum[] } | undefined)?.values;
  const rows = passing(own ?? outer.rows, transforms);
  const computed = [...outer.computed, ...transforms.flatMap(({ as }) => (typeof as === "string" ? [as] : []))];
  for (const part of [...list(spec.layer), ...list(spec.vconcat)])
    expectedItems(part as Spec, { rows, computed }, kinds);
  if (spec.mark === undefined) return kinds;
  const type = typeof spec.mark === "string" ? spec.mark : ((spec.mark as Spec).type as string);
  const encoding = spec.encoding as Readonly<Record<string, Spec>>;
  const places = ["x", "y"].flatMap((channel) => (encoding[channel]?.field as string | undefined) ?? []);
  const isPlaced = (row: Datum) => places.every((field) => computed.includes(field) || row[field] != null);
  // A place that is not known has no item, but leaves a hole in a line.
  const shown = THROUGH.includes(type) ? rows : rows.filter(isPlaced);
  const add = (kind: string) => kinds.set(kind, [...(kinds.get(kind) ?? []), ...shown]);
  add(KINDS[type] ?? type);
  // An area may have a line along its edge.
  if ((spec.mark as Spec).line !== undefined) add("line");
  return kinds;
}

function list(json: Json | undefined): readonly Json[] {
  return Array.isArray(json) ? json : [];
}

function passing(rows: readonly Datum[], transforms: readonly Spec[]): readonly Datum[] {
  return transforms
    .flatMap(({ filter }) => (typeof filter === "string" ? [filter] : []))
    .reduce<readonly Datum[]>((left, filter) => {
      const test = new Function("datum", "isValid", `return (${filter});`);
      return left.filter((row) => Boolean(test(row, (value: unknown) => value !== null && value !== undefined)));
    }, rows);
}

interface Item {
  readonly datum: Datum;
  readonly defined?: boolean;
  readonly x?: number;
  readonly y?: number;
}

describe.each(every)("marks of chart: %s", (_name, make) => {
  const { spec } = make();
  const expected = expectedItems(spec);

  it.each([...expected.keys()])("draw every row of its data once: %s", async (kind) => {
    const items = (await drawn(spec, kind)) as unknown as Item[];
    expect(items.length).toBe(expected.get(kind)!.length);
    // The same rows, whatever the order in which layers and series are drawn.
    const fields = [...new Set(expected.get(kind)!.flatMap((row) => Object.keys(row)))];
    const told = (row: Datum) => JSON.stringify(fields.map((field) => moment(row[field])));
    expect(items.map(({ datum }) => told(datum)).sort()).toEqual(expected.get(kind)!.map(told).sort());
    for (const { x, y, defined } of items) {
      if (defined === false) continue;
      if (x !== undefined) expect(x).not.toBeNaN();
      if (y !== undefined) expect(y).not.toBeNaN();
    }
  });

  it("are there", () => {
    expect([...expected.values()].flat().length).toBeGreaterThan(0);
  });

  it("draw nothing else", async () => {
    for (const kind of ["rect", "rule", "symbol", "text", "line", "area", "arc", "path", "image", "shape", "trail"])
      if (!expected.has(kind)) expect(await drawn(spec, kind), kind).toEqual([]);
  });
});

/** Vega makes dates of times. */
function moment(value: Json | undefined): Json {
  if ((value as unknown) instanceof Date) return +(value as unknown as Date);
  return value ?? null;
}
