import { describe, expect, it } from "vitest";
import { Continued } from "../../src/recorder/continued.js";
import type { ContinueMark } from "../../src/recorder/marks.js";

function mark(id: string): ContinueMark {
  return { mark: "continue", id, use_yes_price: false, tickers: ["KX-A"], channels: ["orderbook_delta"] };
}

describe("the connection that a segment goes on with", () => {
  it("is none before the note of the first is written", () => {
    const continued = new Continued();
    continued.turned(0, mark("one"));
    expect(continued.at(0)).toBeNull();
    expect(continued.at(1)?.id).toBe("one");
  });

  it("is that of the first entry still to be written, though later ones have ended it and begun another", () => {
    const continued = new Continued();
    continued.turned(0, mark("one"));
    continued.turned(5, null);
    continued.turned(6, mark("two"));
    const ids = [1, 5, 6, 7, 100].map((written) => continued.at(written)?.id ?? null);
    expect(ids).toEqual(["one", "one", null, "two", "two"]);
  });
});
