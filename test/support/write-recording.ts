import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";

/** A note of the recorder or a frame, with its receive time in milliseconds. */
export type Written = readonly [ms: number, what: Mark | string];

/** Writes a recording's only segment, or its next. */
export async function writeRecording(dir: string, entries: readonly Written[]): Promise<void> {
  const writer = await SegmentWriter.open({ dir });
  for (const [ms, what] of entries) {
    if (typeof what === "string") writer.append(entryKind.text, ms * 1000, 0, Buffer.from(what));
    else writer.append(entryKind.mark, ms * 1000, 0, writeMark(what));
  }
  writer.close();
}
