import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutPage, decodeCursor, encodeCursor, latestFirst } from "../../../src/sandbox/rest/cursor.js";

describe("a cursor", () => {
  it("carries any position there and back in letters that need no escaping", () => {
    const position = fc.record({
      time: fc.integer({ min: -(2 ** 40), max: 2 ** 52 }),
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

describe("a damaged cursor", () => {
  const text = encodeCursor({ time: 1_792_076_280_000_855, id: "SANDBOX-LIVE-T55" });

  it("is no position wherever it breaks off", () => {
    for (let length = 0; length < text.length; length += 1) expect(decodeCursor(text.slice(0, length))).toBeUndefined();
  });

  it("is no position with anything behind it or before it", () => {
    for (const more of ["A", "AA", "=", " ", text]) {
      expect(decodeCursor(text + more)).toBeUndefined();
      expect(decodeCursor(more + text)).toBeUndefined();
    }
  });

  it("is never another position when it is bytes of any kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const cursor = Buffer.from(bytes).toString("base64url");
        const position = decodeCursor(cursor);
        if (position !== undefined) expect(encodeCursor(position)).toBe(cursor);
      }),
    );
  });
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
