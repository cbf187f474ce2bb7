import { table } from "arquero";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { price } from "../../src/charts/price.js";
import { stretchAt, ticks, zoneOf } from "../../src/charts/zone.js";
import { drawn } from "./drawing.js";
import { trades } from "./samples.js";

const [HOUR, DAY] = [3_600_000, 86_400_000];

/** The wall clock of a zone by Node's own tables, as milliseconds that read right in UTC. */
function wallOf(ms: number, timeZone: string): number {
  const text = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(ms);
  return Date.parse(`${text.replace(" ", "T")}Z`);
}

interface Tip {
  readonly tooltip: Readonly<Record<string, string>>;
}

const zones = ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"];
const anyZone = fc.constantFrom(...zones);
const anySecond = fc.integer({ min: Date.UTC(2021, 0) / 1000, max: Date.UTC(2030, 0) / 1000 }).map((s) => s * 1000);

describe("zoneOf", () => {
  it("knows the clock of a zone at every second of a span, changes of the clock included", () => {
    fc.assert(
      fc.property(
        anyZone,
        anySecond,
        fc.integer({ min: 0, max: 400 * DAY }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (name, from, length, at) => {
          const zone = zoneOf(name, [from, from + length]);
          const ms = from + Math.floor((length * at) / 1000) * 1000;
          expect(ms + stretchAt(zone, ms).offset).toBe(wallOf(ms, name));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("changes the clock of New York at the second it is changed there", () => {
    const zone = zoneOf("America/New_York", [Date.UTC(2025, 2, 8), Date.UTC(2025, 2, 10)]);
    expect(zone.stretches.map(({ name, offset }) => [name, offset / HOUR])).toEqual([
      ["EST", -5],
      ["EDT", -4],
    ]);
    expect(zone.stretches[1]!.from).toBe(Date.UTC(2025, 2, 9, 7));
  });

  it("refuses a zone that does not exist", () => {
    expect(() => price(trades(3), { timezone: "America/Gotham" })).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", hint: expect.stringContaining("America/New_York") }),
    );
  });
});

describe("ticks", () => {
  it("stand at round moments of the zone's own clock, ascending, within the span, neither few nor many", () => {
    fc.assert(
      fc.property(anyZone, anySecond, fc.integer({ min: 10_000, max: 900 * DAY }), (name, from, length) => {
        const span = [from, from + length] as const;
        const found = ticks(zoneOf(name, span), span, 8);
        if (name === "UTC") {
          expect(found).toBeNull();
          return;
        }
        expect(found!.length).toBeGreaterThanOrEqual(2);
        expect(found!.length).toBeLessThanOrEqual(16);
        expect(found).toEqual([...found!].sort((a, b) => a - b));
        const least = Math.min(...found!.slice(1).map((at, i) => at - found![i]!));
        for (const at of found!) {
          expect(at).toBeGreaterThanOrEqual(span[0]);
          expect(at).toBeLessThanOrEqual(span[1]);
          // Days stand at midnight, hours at full hours, and so on down.
          const unit = least >= 20 * HOUR ? DAY : least > 31 * 60_000 ? HOUR : least >= 60_000 ? 60_000 : 1_000;
          expect(wallOf(at, name) % unit).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a chart with a timezone", () => {
  it("tells the time of that zone on its axis, in its notes and in its tooltips, to the microsecond", async () => {
    const chart = price(trades(61), { timezone: "America/New_York" });
    const svg = await chart.svg();
    expect(svg).toContain(">time (America/New_York)<");
    expect(svg).toContain("2026-10-01 10:00 to 11:00 EDT");
    expect(svg).toContain(">10:10<");
    expect(svg).not.toContain(">14:10<");
    const [dot] = (await drawn(chart.spec, "symbol")) as unknown as Tip[];
    expect(dot!.tooltip.time).toBe("2026-10-01 10:00:00.000000 EDT");
  });

  it("keeps microseconds of a tooltip", async () => {
    const chart = price(trades(5, undefined, 1_000_001));
    const dots = (await drawn(chart.spec, "symbol")) as unknown as Tip[];
    expect(dots.map(({ tooltip }) => tooltip.time!.slice(17))).toEqual(
      ["00.000000", "01.000001", "02.000002", "03.000003", "04.000004"].map((text) => `${text} UTC`),
    );
  });

  it.each([
    ["months", 200],
    ["weeks", 60],
    ["days", 9],
    ["hours", 1.2],
  ])("says the year under its first label and where another begins, in %s", async (_, days) => {
    const from = Date.UTC(2025, 0, 1) - Math.floor(days * 0.6) * DAY - 8 * HOUR;
    const made = table({ created_time: [from, from + days * DAY], yes_price: [0.4, 0.5] });
    for (const timezone of ["UTC", "America/New_York"]) {
      const svg = await price(made, { timezone }).svg();
      const years = [...svg.matchAll(/>(?:\d+ \w+ )?(20\d\d)</g)].map(([, year]) => year);
      expect(years, timezone).toEqual(["2024", "2025"]);
    }
  });

  it("labels both sides of a change of the clock by the clock of each", async () => {
    const night = Array.from({ length: 9 }, (_, at) => Date.UTC(2025, 2, 9, 3 + at));
    const made = table({ created_time: night, yes_price: night.map((_, at) => 0.3 + at / 100) });
    const svg = await price(made, { timezone: "America/New_York" }).svg();
    const labels = [...svg.matchAll(/>(\d\d:00)</g)].map(([, label]) => label);
    // Two o'clock does not exist in this night.
    expect(labels).toEqual(["22:00", "23:00", "01:00", "03:00", "04:00", "05:00", "06:00", "07:00"]);
    const dots = (await drawn(price(made, { timezone: "America/New_York" }).spec, "symbol")) as unknown as Tip[];
    expect(dots.map(({ tooltip }) => tooltip.time!.slice(11, 13) + tooltip.time!.slice(-3)).slice(3, 5)).toEqual([
      "01EST",
      "03EDT",
    ]);
  });
});
