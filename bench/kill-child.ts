import { entryKind } from "../src/store/segment.js";
import { SegmentWriter } from "../src/store/segment-writer.js";
import { deltaFrames } from "./delta-frames.js";

/** Writes deltas into a folder until it is killed: `DIR`. Prints a line once a segment is nearly full. */
const writer = await SegmentWriter.open({ dir: process.argv[2]! });
for (const text of deltaFrames(220_000, 100)) writer.append(entryKind.text, 1, 0, Buffer.from(text));
writer.flush();
process.stdout.write("full\n");
setInterval(() => writer.append(entryKind.text, 1, 0, Buffer.from("more")), 1);
