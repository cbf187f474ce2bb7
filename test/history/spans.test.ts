import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf, cutByKnown, type Span, spanFrom } from "../../src/history/spans.js";

const bound = fc.integer({ min: 0, max: 30 });
const span = fc
  .tuple(fc.option(bound, { nil: null }), fc.option(bound, { nil: null }))
  .map(([from, to]) => spanFrom({ from, to }));

describe("a span cut by what is known of it", () => {
  it("is whole again when put together, and every moment of it is where it belongs", () => {
    fc.assert(
      fc.property(span, fc.array(span, { maxLength: 6 }), (whole, known) => {
        const parts = cutByKnown(whole, known);
        if (whole.from >= whole.to) {
          expect(parts).toEqual([]);
          return;
        }
        expect(parts[0]!.from).toBe(whole.from);
        expect(parts.at(-1)!.to).toBe(whole.to);
        for (let at = 1; at < parts.length; at += 1) {
          expect(parts[at]!.from).toBe(parts[at - 1]!.to);
          expect(parts[at]!.known).not.toBe(parts[at - 1]!.known);
        }
        // Half a unit off the bounds, and far out on both sides.
        for (const moment of [-1e9, 1e9, ...Array.from({ length: 32 }, (_, unit) => unit - 0.5)]) {
          if (!holds(whole, moment)) continue;
          const part = parts.find((one) => holds(one, moment));
          expect(part?.known).toBe(known.some((one) => holds(one, moment)));
        }
      }),
    );
  });

  it("keeps open ends open in plans and files", () => {
    expect(boundsOf(spanFrom({ from: null, to: 5 }))).toEqual({ from: null, to: 5 });
    expect(boundsOf(spanFrom({ from: 5, to: null }))).toEqual({ from: 5, to: null });
  });
});

function holds({ from, to }: Span, moment: number): boolean {
  return moment >= from && moment < to;
}
