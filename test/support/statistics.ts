import assert from "node:assert/strict";

/** One statistic of the real exchange beside ours, and the bounds that ours has to keep. */
export interface Figure {
  readonly name: string;
  /** As WIRE.md has it. */
  readonly theirs: string;
  readonly ours: number;
  readonly low: number;
  readonly high: number;
}

/** Prints figures as a table: theirs, ours, the bounds, and a mark where ours lies outside. */
export function printFigures(title: string, figures: readonly Figure[]): void {
  const rows = figures.map(({ name, theirs, ours, low, high }) => {
    const mark = isWithin({ ours, low, high }) ? "" : "OUTSIDE";
    return [name, theirs, shown(ours), `${shown(low)} … ${shown(high)}`, mark];
  });
  const table = [["", "theirs", "ours", "bounds", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] as string).length)));
  const lines = table.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  console.log([title, ...lines].join("\n"));
}

/** Whether every figure lies within its bounds; the failure names those that do not. */
export function expectWithin(figures: readonly Figure[]): void {
  const outside = figures.filter((figure) => !isWithin(figure));
  const told = outside.map(({ name, ours, low, high }) => `${name}: ${shown(ours)}, not ${low} to ${high}`);
  assert.deepEqual(told, []);
}

/** The value below which a share of the values lies. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function isWithin({ ours, low, high }: Pick<Figure, "ours" | "low" | "high">): boolean {
  return ours >= low && ours <= high;
}

function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
