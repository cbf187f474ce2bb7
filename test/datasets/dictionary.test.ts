import { describe, expect, it } from "vitest";
import { dictionary } from "../../src/datasets/dictionary.js";
import { frames } from "../../src/frames/frames.js";

describe("the data dictionary", () => {
  it("is what the code says: datasets/README.md is made from the same descriptions", async () => {
    await expect(dictionary()).toMatchFileSnapshot("../../datasets/README.md");
  });

  it("has a line for every column of every frame, each with a meaning", () => {
    const text = dictionary();
    for (const { fields } of Object.values(frames)) {
      for (const [name, { kind, about }] of Object.entries(fields)) {
        expect(about, name).not.toBe("");
        expect(text).toContain(`| \`${name}\` | ${kind} |`);
      }
    }
  });
});
