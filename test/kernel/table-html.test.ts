import { from, table } from "arquero";
import { describe, expect, it } from "vitest";
import { isTable, tableBundle } from "../../src/kernel/table-html.js";

const html = (value: Parameters<typeof tableBundle>[0]) => String(tableBundle(value)["text/html"]);
const text = (value: Parameters<typeof tableBundle>[0]) => String(tableBundle(value)["text/plain"]);
const count = (table: string, what: string) => table.split(what).length - 1;

describe("a table", () => {
  it("is recognized by what it can do, and nothing else is", () => {
    expect(isTable(table({ a: [1] }))).toBe(true);
    for (const value of [null, undefined, 5, "text", [], { numRows: 1 }, new Map()]) expect(isTable(value)).toBe(false);
  });

  it("is shown whole up to fifteen rows, then by its first and last with the gap marked", () => {
    const rows = (length: number) => from(Array.from({ length }, (_, n) => ({ n })));
    expect(count(html(rows(15)), "<tr>")).toBe(1 + 15);
    const long = html(rows(1234));
    expect(count(long, "<tr>")).toBe(1 + 10 + 1 + 5);
    expect(long).toContain("⋮");
    expect(long).toContain(">1233</td>");
    expect(long).toContain("1,234 rows × 1 column</p>");
  });

  it("is shown as filtered and ordered", () => {
    const shown = table({ a: [3, 1, 2] })
      .filter((row: { a: number }) => row.a < 3)
      .orderby("a");
    expect(text(shown)).toBe("a\n1\n2\n2 rows × 1 column");
  });

  it("has its names and texts escaped", () => {
    const shown = html(table({ "<a>": ['"&<script>'] }));
    expect(shown).toContain("&lt;a&gt;");
    expect(shown).toContain("&quot;&amp;&lt;script&gt;");
    expect(shown).not.toContain("<script>");
  });

  it("tells null from empty text and from zero", () => {
    const shown = html(table({ a: [null, "", "0"], b: [0, null, 1] }));
    expect(count(shown, "null</span>")).toBe(2);
  });

  it("aligns numbers to the right, also where some are missing, and text to the left", () => {
    expect(text(table({ price: [0.5, null, 12], title: ["x", "long", null] }))).toBe(
      ["price  title", "  0.5  x", " null  long", "   12  null", "3 rows × 2 columns"].join("\n"),
    );
  });

  it("shows dates in UTC, objects as JSON and long text cut", () => {
    const shown = text(table({ at: [new Date(0)], all: [{ n: 1n }], long: ["x".repeat(500)] }));
    expect(shown).toContain("1970-01-01T00:00:00.000Z");
    expect(shown).toContain('{"n":"1"}');
    expect(shown).toContain(`${"x".repeat(119)}…`);
  });

  it("is shown when it has no rows and when it has more columns than fit", () => {
    expect(text(table({ a: [] }))).toBe("a\n0 rows × 1 column");
    const wide = table(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`c${n}`, [n]])));
    expect(html(wide)).toContain("1 row × 60 columns, the first 40 shown");
  });
});
