import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Continued } from "../../src/recorder/continued.js";
import { exportFrames } from "../../src/recorder/export-frames.js";
import { importFrames } from "../../src/recorder/import-frames.js";
import { type ContinueMark, readMark } from "../../src/recorder/marks.js";
import { entryKind } from "../../src/store/segment.js";
import { readSegments } from "../../src/store/segment-reader.js";
import { wildSteps, writeWild } from "../support/wild-recording.js";

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

  it("is the one open there in every segment of an import, however its batches fall", async () => {
    const dir = mkdtempSync(join(tmpdir(), "continued-"));
    let [continued, connections] = [0, 0];
    try {
      for (const [at, steps] of fc.sample(wildSteps, { seed: 17, numRuns: 12 }).entries()) {
        const [wild, again, lines] = ["wild", "again", "lines.jsonl"].map((name) => join(dir, `${at}-${name}`)) as [
          string,
          string,
          string,
        ];
        await writeWild(wild, [...steps, ...steps], 1_000_000);
        await exportFrames(wild, lines);
        await importFrames({ dir: again, path: lines, maxSegmentBytes: 2_000, compress: false });
        let open: string | null = null;
        for await (const part of readSegments(again)) {
          if (part.type === "damaged") throw new Error("an import is whole");
          for (const { kind, body } of part.entries) {
            const note = kind === entryKind.mark ? readMark(body) : null;
            if (note?.mark === "connect") [open, connections] = [note.id, connections + 1];
            if (note?.mark !== "continue") continue;
            expect(note.id).toBe(open);
            continued += 1;
          }
        }
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
    expect(Math.min(continued, connections)).toBeGreaterThan(0);
  }, 60_000);
});
