import { type Mark, readMark } from "../../src/recorder/marks.js";
import { entryKind } from "../../src/store/segment.js";
import { readSegments } from "../../src/store/segment-reader.js";

/** The recorder's own notes in a recording, in their order. */
export async function marksIn(dir: string): Promise<Mark[]> {
  const marks: Mark[] = [];
  for await (const part of readSegments(dir)) {
    for (const entry of part.type === "entries" ? part.entries : []) {
      const mark = entry.kind === entryKind.mark ? readMark(entry.body) : null;
      if (mark !== null) marks.push(mark);
    }
  }
  return marks;
}
