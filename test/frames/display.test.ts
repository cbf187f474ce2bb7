import { inspect } from "node:util";
import { from } from "arquero";
import { describe, expect, it } from "vitest";
import { tableHtml } from "../../src/frames/html.js";
import { tableText } from "../../src/frames/text.js";
import { trades } from "../../src/frames/trades.js";
import { rawTrade } from "./records.js";

const table = trades(Array.from({ length: 1234 }, (_, number) => rawTrade(number, { taker_side: null })));

describe("a table in a notebook", () => {
  it("shows head and tail, the shape, and kinds with their meaning as tooltips", () => {
    const html = tableHtml(table, { rows: 6 });
    expect(html.match(/<tr>/g)).toHaveLength(1 + 6 + 1);
    expect(html).toContain("1,234 rows × 10 columns");
    expect(html).toContain("1,228 more");
    expect(html).toMatch(/<th title="dollars: price of the YES side[^"]*" style="[^"]*text-align:right">yes_price/);
    expect(html).toMatch(/<td[^>]*text-align:right;opacity:.45">1233<\/td>/);
  });

  it("shows exact amounts, times in UTC, and null as null", () => {
    const html = tableHtml(
      trades([rawTrade(7, { yes_price_dollars: "0.123456", taker_side: null, taker_book_side: "" })]),
    );
    expect(html).toContain(">0.123456<");
    expect(html).toContain(">2026-11-01T09:00:07.007500Z<");
    expect(html).toContain(">8.00<");
    expect(html).toMatch(/opacity:.45;font-style:italic">null</);
    expect(html).toMatch(/font-style:italic">&#34;&#34;</);
  });

  it("escapes texts and column names", () => {
    const html = tableHtml(from([{ "<b>": `<script>alert("&'")</script>` }]));
    expect(html).not.toMatch(/<script|<b>/);
    expect(html).toContain("&#60;script&#62;");
  });

  it("shows itself through Jupyter.display and inspect, also after verbs, without a property in sight", () => {
    const verbed = table
      .filter((d: { count: number }) => d.count > 5)
      .orderby("count")
      .select("count", "created_time");
    const display: unknown = Reflect.get(verbed, Symbol.for("Jupyter.display"));
    expect(typeof display).toBe("function");
    const bundle = (display as () => Record<string, string>).call(verbed);
    expect(Object.keys(bundle)).toEqual(["text/html", "text/plain"]);
    expect(bundle["text/html"]).toBe(tableHtml(verbed));
    expect(inspect(verbed)).toBe(tableText(verbed));
    expect(Object.getOwnPropertySymbols(verbed)).toEqual([]);
  });
});

describe("a table as text", () => {
  it("aligns its columns, numbers to the right", () => {
    expect(tableText(table.select("ticker", "yes_price", "count", "taker_side"), 3)).toBe(
      [
        "ticker             yes_price    count  taker_side",
        "KXTEST-26NOV01-B1     0.1000     1.00  null",
        "KXTEST-26NOV01-B2     0.1100     2.00  null",
        "⋮",
        "KXTEST-26NOV01-B1     0.4300  1234.00  null",
        "1,234 rows × 4 columns",
      ].join("\n"),
    );
  });

  it("names the columns that do not fit, and keeps a cell on its line", () => {
    const wide = from([
      {
        long: `${"x".repeat(100)}\nend`,
        breaks: "a\nb",
        ...Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`column_${n}`, n])),
      },
    ]);
    const text = tableText(wide);
    expect(text.split("\n")).toHaveLength(3);
    expect(text).toContain("a\\nb");
    expect(text).toMatch(/1 row × 32 columns; not shown: .*column_29$/);
  });

  it("shows means and other computed amounts rounded to the step", () => {
    expect(tableText(from([{ yes_price: 2 / 3 }, { yes_price: 0.5 }]))).toContain("0.666667");
  });

  it("shows an empty table with its columns", () => {
    expect(tableText(trades([]).select("ticker", "count"))).toBe("ticker  count\n0 rows × 2 columns");
  });
});
