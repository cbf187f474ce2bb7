import { readMark } from "../../src/recorder/marks.js";
import { connectionNumber, listStrands } from "../../src/recorder/strands.js";
import { entryKind } from "../../src/store/segment.js";
import { readSegments } from "../../src/store/segment-reader.js";
import type { FrameLedger, SentTo } from "./frame-ledger.js";
import type { PlainFrame } from "./plain-books.js";

/**
 * A frame as text, or frames that the recorder says it has lost here: how many, or null where a crash leaves that open. A hole in which one
 * connection ended and the next began is in both.
 */
type Item = string | { readonly lost: number | null; readonly isShared: boolean };

/** One connection as the recording has it, and which of the sandbox's it was. */
export interface RecordedConnection {
  /** As events tell it. */
  readonly number: number;
  readonly items: Item[];
  readonly sent: SentTo;
  /** Of what the sandbox sent, what is not in the recording. */
  readonly missing: readonly string[];
}

/**
 * Holds the recording against what was sent: the same frames, byte for byte and in their order, but for those that the recorder says it has
 * lost, as many as it says, and the last ones of a connection that has ended.
 *
 * @throws Error what is there and should not be, or the other way round
 */
export async function compareFrames(dir: string, ledger: FrameLedger, isOpen: boolean): Promise<RecordedConnection[]> {
  const found: RecordedConnection[] = [];
  const strands = await listStrands(dir);
  const free = new Set(ledger.connections);
  const recorded: { readonly number: number; readonly items: Item[]; readonly isLast: boolean }[] = [];
  for (const strand of strands) {
    const there = await readConnections(strand.dir);
    for (const [index, items] of there.entries()) {
      const number = connectionNumber(strand.place, index + 1);
      recorded.push({ number, items, isLast: isOpen && index === there.length - 1 });
    }
  }
  // Of several that are held at the same time, a short one may look like the beginning of another: the longest have their choice first.
  if (strands.length > 1) recorded.sort((a, b) => b.items.length - a.items.length);
  for (const { number, items, isLast } of recorded) {
    const tries = [...free].map((sent) => ({ sent, ...explain(items, sent.frames) }));
    const fitting = tries.filter(({ problem }) => problem === null);
    const best = strands.length === 1 ? fitting[0] : fitting.toSorted((a, b) => a.missing.length - b.missing.length)[0];
    if (best === undefined) {
      const closest = tries.toSorted((a, b) => b.taken - a.taken)[0];
      throw new Error(
        `connection ${number} of the recording, ${items.length} frames, is none that the sandbox had; closest is ${closest?.sent.name}: ${closest?.problem}`,
      );
    }
    free.delete(best.sent);
    // One connection follows another: those before are not of it.
    if (strands.length === 1) for (const { sent } of tries.slice(0, tries.indexOf(best))) free.delete(sent);
    found.push({ number, items, sent: best.sent, missing: best.missing });
    if (isLast && best.tail > 0) {
      throw new Error(`${best.sent.name}: the last ${best.tail} frames are not recorded, though it goes on`);
    }
  }
  return found;
}

/** The connections of a strand, each with its frames and the holes in it. */
async function readConnections(dir: string): Promise<Item[][]> {
  const connections: Item[][] = [];
  let id: string | null = null;
  for await (const part of readSegments(dir)) {
    if (part.type === "damaged") throw new Error(`segment ${part.segment} is damaged at ${part.offset}`);
    for (const { kind, body } of part.entries) {
      if (kind !== entryKind.mark) {
        if (connections.length === 0) throw new Error("a frame stands before any connection");
        connections.at(-1)!.push(body.toString("utf8"));
        continue;
      }
      const mark = readMark(body);
      if (mark?.mark === "connect" && mark.id !== id) {
        id = mark.id;
        const before = connections.at(-1)?.at(-1);
        const isHole = typeof before === "object" && before.lost !== null;
        if (isHole) connections.at(-1)![connections.at(-1)!.length - 1] = { ...before, isShared: true };
        connections.push(isHole ? [{ ...before, isShared: true }] : []);
      } else if (mark?.mark === "hole") {
        connections
          .at(-1)
          ?.push({ lost: /^(TORN|DAMAGED)_TAIL$/.test(mark.reason) ? null : mark.frames, isShared: false });
      }
    }
  }
  return connections;
}

/** Whether some items are what was sent; how far they are, what is missing in all and at the end. */
function explain(
  items: readonly Item[],
  sent: readonly string[],
): { problem: string | null; taken: number; tail: number; missing: string[] } {
  const missing: string[] = [];
  let at = 0;
  /** Frames that may be missing here, and whether all of them have to be. */
  let hole = { most: 0, isExact: true };
  let taken = 0;
  const stop = (problem: string) => ({ problem, taken, tail: 0, missing });
  for (const item of items) {
    if (typeof item !== "string") {
      hole = {
        most: hole.most + (item.lost ?? Number.POSITIVE_INFINITY),
        isExact: hole.isExact && item.lost !== null && !item.isShared,
      };
      continue;
    }
    if (hole.most > 0) {
      const there = hole.isExact ? at + hole.most : sent.indexOf(item, at);
      if (there < 0) return stop(`behind a hole of ${hole.most} frames comes what was not sent: ${item}`);
      if (there - at > hole.most) return stop(`${there - at} frames are missing in a hole of ${hole.most}`);
      missing.push(...sent.slice(at, there));
      at = there;
    }
    hole = { most: 0, isExact: true };
    if (item !== sent[at]) return stop(`frame ${at} was ${sent[at]} and is recorded as ${item}`);
    at += 1;
    taken += 1;
  }
  const tail = sent.slice(at);
  return { problem: null, taken, tail: tail.length, missing: [...missing, ...tail] };
}

/** When a frame happened, by the exchange's clock in µs. */
export function timeOf(frame: PlainFrame): number {
  return (frame.msg?.ts_ms ?? frame.sending_ts_ms ?? 0) * 1000;
}
