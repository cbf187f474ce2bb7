import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutPage, decodeCursor, encodeCursor, latestFirst } from "../../../src/sandbox/rest/cursor.js";

describe("a cursor", () => {
  it("carries any position there and back in letters that need no escaping", () => {
    const position = fc.record({
      time: fc.integer({ min: 0, max: 2 ** 52 }),
      id: fc.string({ minLength: 1, unit: "grapheme" }),
    });
    fc.assert(
      fc.property(position, (at) => {
        const text = encodeCursor(at);
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(text)).toEqual(at);
      }),
    );
  });

  it.each([null, "", "nonsense", "!!!!", "MTIz", "%%%", "ey", encodeCursor({ time: 1, id: "a" }).slice(0, -1)])(
    "is no position when it reads %j",
    (text) => expect(decodeCursor(text)).toBeUndefined(),
  );
});

describe("a list that is paged latest first", () => {
  it("yields every row once in order for any limit, also with equal times", () => {
    const row = fc.record({ time: fc.integer({ min: 0, max: 4 }), id: fc.uuid() });
    const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), (all, limit) => {
        const seen: string[] = [];
        let cursor = "";
        do {
          const page = cutPage(
            latestFirst(all, (one) => one, decodeCursor(cursor)),
            limit,
            (one) => one,
          );
          seen.push(...page.rows.map(({ id }) => id));
          cursor = page.cursor;
        } while (cursor !== "");
        const expected = [...all].sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
        expect(seen).toEqual(expected);
      }),
    );
  });
});
