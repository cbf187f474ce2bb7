import { describe, expect, it } from "vitest";
import { idChecksum } from "../../../../src/sandbox/world/past/checksum.js";

describe("the checksum of ids", () => {
  it("is that of FNV-1a, summed: the same in any order, another with one too many, too few or twice", () => {
    expect(idChecksum(["a"])).toBe("0000e40c292c");
    expect(idChecksum([])).toBe("000000000000");
    const ids = ["x", "y", "z"];
    expect(idChecksum(ids.toReversed())).toBe(idChecksum(ids));
    for (const other of [
      ["x", "y"],
      ["x", "y", "z", "z"],
      ["x", "x", "z"],
    ]) {
      expect(idChecksum(other)).not.toBe(idChecksum(ids));
    }
  });
});
