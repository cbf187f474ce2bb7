import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withDates } from "../../src/analysis/dates.js";
import { rawColumn } from "../../src/frames/raw-column.js";
import { schemaOf } from "../../src/frames/schema.js";
import { makeTable } from "../../src/frames/table.js";
import { parseTime, SECOND } from "../../src/units/time.js";
import { newYork } from "../support/account-files.js";
import { expectError } from "../support/errors.js";

const lots = (times: readonly (number | null)[]) =>
  makeTable({
    opened_time: rawColumn("time", "", times),
    count: rawColumn(
      "contracts",
      "",
      times.map(() => 100),
    ),
    closed_time: rawColumn("time", "", times),
  });

describe("calendar dates in a zone", () => {
  it("stand behind each column of times, with the zone as the last column", () => {
    const dated = withDates(lots([parseTime("2027-01-01T02:00:00Z"), null]), "America/New_York");
    expect(dated.columnNames()).toEqual(["opened_time", "opened_date", "count", "closed_time", "closed_date", "zone"]);
    expect(dated.array("closed_date")).toEqual(["2026-12-31", null]);
    expect(dated.array("zone")).toEqual(["America/New_York", "America/New_York"]);
    expect(schemaOf(dated).opened_time?.kind).toBe("time");
  });

  it("are those of New York's clocks at every second", () => {
    const seconds = fc.array(fc.integer({ min: Date.UTC(2007, 3, 1) / 1000, max: Date.UTC(2036, 0, 1) / 1000 }));
    fc.assert(
      fc.property(seconds, (list) => {
        const dated = withDates(lots(list.map((second) => second * SECOND)), "America/New_York");
        expect(dated.array("opened_date")).toEqual(list.map((second) => newYork(second, false).slice(0, 10)));
      }),
    );
  });

  it("follow the table's own order and filter", () => {
    const table = lots([parseTime("2026-05-01T00:00:00Z"), parseTime("2026-05-02T12:00:00Z")]);
    const chosen = table.filter((lot: { closed_time: number }) => lot.closed_time > 1_777_600_000_000);
    expect(withDates(chosen, "UTC").array("closed_date")).toEqual(["2026-05-02"]);
  });

  it("are refused of an unknown zone, and of a table without times", () => {
    expectError(() => withDates(lots([]), "Mars/Olympus"), "BAD_ARGUMENT", /IANA/);
    expectError(() => withDates(lots([]).select("count"), "UTC"), "COLUMN_MISSING", /_time/);
  });
});
