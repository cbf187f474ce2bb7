import { describe, expect, it } from "vitest";
import { type BarSize, bars } from "../../src/flow/bars.js";
import { type BookSnapshotOptions, bookSnapshots } from "../../src/flow/book-snapshots.js";
import { changes } from "../../src/flow/changes.js";
import { nearDepth } from "../../src/flow/near-depth.js";
import { type ResampleOptions, resample } from "../../src/flow/resample.js";
import { topLevels } from "../../src/flow/top-levels.js";
import { type Quote, topOfBook } from "../../src/flow/top-of-book.js";
import { filter, map, merge, pipe, type Transform } from "../../src/flow/transform.js";
import { snapshotOf } from "../support/events.js";
import { MS } from "../support/plain-market.js";

/** What a caller without a compiler may write. */
const as = <T>(value: unknown): T => value as T;

const refused = (make: () => unknown, message: RegExp) =>
  expect(make).toThrow(
    expect.objectContaining({
      code: "BAD_ARGUMENT",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    }),
  );

describe("options of a transform that cannot be meant are refused, with what was found:", () => {
  it("bars by several rules at once, by none, or by one that there is not", () => {
    refused(() => bars(as<BarSize>({ every: "1m", trades: 5 })), /every and trades/);
    refused(() => bars(as<BarSize>({ volume: 10, trades: 5 })), /volume and trades/);
    refused(() => bars(as<BarSize>({})), /by nothing/);
    refused(() => bars(as<BarSize>({ evry: "1m" })), /"evry"/);
    refused(() => bars(as<BarSize>("1m")), /"1m"/);
  });

  it("bars of no size, of less than a hundredth of a contract, or of part of a trade", () => {
    for (const trades of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])
      refused(() => bars({ trades }), /trades: /);
    for (const volume of [0, -1, 0.001, Number.NaN, Number.POSITIVE_INFINITY])
      refused(() => bars({ volume }), /volume: /);
    for (const every of ["0s", "-1s", "1", "", Number.NaN, -5, 1.5]) refused(() => bars({ every }), /not an interval/);
  });

  it("a part of a level, no level, and a word that would leave out all of them", () => {
    for (const levels of [1.5, 0, -1, Number.NaN]) {
      refused(() => topLevels(levels), /levels: /);
      refused(() => bookSnapshots("1s", { levels }), /levels: /);
    }
    refused(() => topLevels(as<number>("5")), /levels: "5"/);
    refused(() => bookSnapshots("1s", as<BookSnapshotOptions>({ level: 5 })), /"level"/);
    refused(() => bookSnapshots("1s", as<BookSnapshotOptions>(5)), /as an object, not 5/);
  });

  it("a reach outside of the book", () => {
    for (const cents of [-1, 101, Number.NaN, as<number>("5")]) refused(() => nearDepth(cents), /cents: /);
  });

  it("an age that is none, or that goes by another name", () => {
    for (const maxAge of ["never", -1, Number.NaN]) {
      refused(() => resample("1s", { maxAge }), /not an interval/);
      refused(() => bookSnapshots("1s", { maxAge }), /not an interval/);
    }
    refused(() => resample("1s", as<ResampleOptions>({ maxage: "1h" })), /"maxage"/);
  });

  it("changes of nothing, or of a field that the records have not", () => {
    refused(() => changes(), /no field/);
    const quotes = topOfBook()([snapshotOf(1 * MS, [[400_000, 100]], [])]);
    refused(() => [...changes<Quote>(as<keyof Quote>("sprd"))(quotes)], /"sprd"/);
  });

  it("what is no transform: one that was not called, or nothing", () => {
    refused(() => pipe([], as<Transform<number, number>>(topOfBook)), /1 of 1 is none, but function/);
    refused(() => pipe([], map(Number), as<Transform<number, number>>(undefined)), /2 of 2 is none, but undefined/);
    refused(() => merge(map(Number), as<Transform<unknown, number>>("1s")), /2 of 2 is none, but string/);
    refused(() => map(as<(item: unknown) => unknown>("spread")), /map takes a function/);
    refused(() => filter(as<(item: unknown) => boolean>(undefined)), /filter takes a function/);
  });
});
