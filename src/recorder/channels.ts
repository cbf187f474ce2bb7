import { entryKind } from "../store/segment.js";
import { listSegments, readSegments } from "../store/segment-reader.js";
import { readMark } from "./marks.js";
import { listStrands } from "./strands.js";

/** The channels that a recording's connections had, by what its segments begin with; null where nothing says so. */
export async function recordedChannels(dir: string): Promise<ReadonlySet<string> | null> {
  const channels = new Set<string>();
  for (const strand of await listStrands(dir)) await addChannels(strand.dir, channels);
  return channels.size === 0 ? null : channels;
}

async function addChannels(dir: string, channels: Set<string>): Promise<void> {
  for (const number of await listSegments(dir)) {
    for await (const part of readSegments(dir, number - 1)) {
      if (part.segment !== number || part.type === "damaged") break;
      for (const { kind, body } of part.entries) {
        const mark = kind === entryKind.mark ? readMark(body) : null;
        if (mark?.mark !== "connect" && mark?.mark !== "continue") continue;
        for (const channel of mark.channels) channels.add(channel);
      }
      // The rest of a segment seldom has another, and would have to be read for it.
      break;
    }
  }
}
