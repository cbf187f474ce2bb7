import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Agenda } from "../../../src/sandbox/engine/agenda.js";

describe("an agenda", () => {
  it("gives what is soonest, and of one moment what was entered first, whatever is added and taken in between", () => {
    const act = fc.oneof(fc.record({ at: fc.integer({ min: 0, max: 9 }) }), fc.constant("take" as const));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const agenda = new Agenda<number>();
        let list: { at: number; item: number }[] = [];
        for (const [item, one] of acts.entries()) {
          if (one === "take") {
            const next = list.toSorted((a, b) => a.at - b.at || a.item - b.item)[0];
            expect(agenda.next?.item).toBe(next?.item);
            agenda.shift();
            list = list.filter((entry) => entry !== next);
          } else {
            agenda.add(one.at, item);
            list.push({ at: one.at, item });
          }
        }
      }),
    );
  });

  it("leaves out what never comes", () => {
    const agenda = new Agenda<string>();
    agenda.add(Number.POSITIVE_INFINITY, "never");
    expect(agenda.next).toBeUndefined();
  });
});
