import { describe, expect, it } from "vitest";
import { needs, needsObjects, type Parameters, takes, writeArguments } from "../../src/exchange/parameter.js";
import { expectError } from "../support/errors.js";

const moment = "2026-11-02T12:00:00.25Z";

/** What one parameter is on the wire. */
function written(parameter: Parameters[string], value: unknown): unknown {
  return writeArguments("Ask", { it: parameter }, { it: value }).it;
}

describe("a parameter", () => {
  it.each([
    ["seconds", moment, 1_793_620_800],
    ["seconds", new Date(moment), 1_793_620_800],
    ["seconds", 1_793_620_800, 1_793_620_800],
    ["seconds", "2026-11-02", 1_793_577_600],
    ["millis", moment, 1_793_620_800_250],
    ["millis", new Date(moment), 1_793_620_800_250],
    ["time", new Date(moment), moment],
    ["time", "2026-11-02T13:00:00.250000+01:00", moment],
    ["comma", ["A", "B"], "A,B"],
    ["comma", "A,B", "A,B"],
    ["repeated", [5000, 100], ["5000", "100"]],
    ["dollars", 0.56, "0.5600"],
    ["dollars", "0.005", "0.0050"],
    ["contracts", 2.5, "2.50"],
    ["contracts", "10", "10.00"],
    ["boolean", false, false],
    ["integer", 0, 0],
    ["json", { a: [1] }, { a: [1] }],
  ] as const)("of kind %s may be given as %j and is written %j", (kind, given, wire) => {
    expect(written(takes(kind), given)).toEqual(wire);
  });

  it.each([
    ["text", "", /give text/],
    ["integer", 1.5, /a whole number/],
    ["integer", "5", /a whole number/],
    ["number", Number.NaN, /a number/],
    ["boolean", "true", /true or false/],
    ["comma", [], /a list of one text or more/],
    ["comma", "", /a list of one text or more/],
    ["repeated", "A,B", /a list/],
    ["seconds", Number.NaN, /Unix seconds, a Date or ISO text/],
    ["time", 1_793_620_800, /a Date or ISO text/],
  ] as const)("of kind %s is refused as %j before anything is sent", (kind, given, hint) => {
    expectError(() => written(takes(kind), given), "BAD_ARGUMENT", hint);
  });

  it("is held to its bounds, a list by its length, however it is written", () => {
    expectError(() => written(takes("integer", [1, 200]), 201), "BAD_ARGUMENT", /give 1 to 200$/);
    expectError(() => written(takes("integer", [1, Number.MAX_SAFE_INTEGER]), 0), "BAD_ARGUMENT", /give 1 or more$/);
    expectError(() => written(needs("repeated", [1, 2]), ["A", "B", "C"]), "BAD_ARGUMENT", /1 to 2 of them at a time/);
    expectError(() => written(needs("comma", [1, 2]), ["A", "B", "C"]), "BAD_ARGUMENT", /1 to 2 of them at a time/);
    expectError(() => written(needs("comma", [1, 2]), "A,B,C"), "BAD_ARGUMENT", /1 to 2 of them at a time/);
    expect(written(needs("comma", [1, 2]), "A,B")).toBe("A,B");
  });

  it.each(["seconds", "millis", "time"] as const)(
    "of kind %s is no time that counts from a present nobody knows",
    (kind) => {
      expectError(() => written(takes(kind), "-7d"), "BAD_TIME", /a Date, ISO text or Unix seconds/);
    },
  );

  it("cursor may be the empty one of a last page, so that a loop can begin with it", () => {
    expect(writeArguments("Ask", { cursor: takes("text") }, { cursor: "" })).toEqual({});
  });

  it("that must be given is named when it is not, and one that does not exist with those that do", () => {
    const parameters = { ticker: needs("text"), depth: takes("integer") };
    expectError(() => writeArguments("Ask", parameters, { depth: 1 }), "BAD_ARGUMENT", /give ticker/);
    expectError(
      () => writeArguments("Ask", parameters, { ticker: "A", deep: 1 }),
      "BAD_ARGUMENT",
      /it takes ticker, depth/,
    );
    expect(writeArguments("Ask", parameters, { ticker: "A", depth: undefined })).toEqual({ ticker: "A" });
  });

  it("that holds objects is checked and written inside of each", () => {
    const legs = needsObjects({ ticker: needs("text"), count: takes("contracts") });
    expect(written(legs, [{ ticker: "A", count: 1 }, { ticker: "B" }])).toEqual([
      { ticker: "A", count: "1.00" },
      { ticker: "B" },
    ]);
    expectError(() => written(legs, [{ ticker: "A" }, {}]), "BAD_ARGUMENT", /give .*ticker/);
    expectError(() => written(legs, [{ ticker: "A", side: "yes" }]), "BAD_ARGUMENT", /it takes .*ticker/);
  });
});
