import { crc32 } from "node:zlib";
import type { BookEvent } from "../book/event.js";
import { type Entry, entryKind } from "../store/segment.js";
import type { SegmentBlock } from "../store/segment-block.js";
import { writeKeyframe } from "./keyframe.js";
import { readMark } from "./marks.js";
import type { ReadFrame } from "./player.js";
import { look } from "./seen.js";
import {
  bitsOf,
  type IndexBlock,
  type KeyframePlace,
  type SegmentIndex,
  type Span,
  writeIndex,
} from "./segment-index.js";
import { Tracker, type TrackerState } from "./tracker.js";

/** How fine an index is. */
export interface Grain {
  /** How much of a raw segment makes a block. Default 512 KiB. */
  readonly blockBytes?: number | undefined;
  /** A keyframe stands where what came since the last one is this many times its size. Default 64: a third of what is packed. */
  readonly spacing?: number | undefined;
}

type Summary = Omit<IndexBlock, "offset" | "length" | "crc" | "keyframe" | "tickers" | "snapshots"> & {
  readonly tickers: ReadonlySet<number>;
  readonly snapshots: ReadonlySet<number>;
  readonly keyframe: KeyframePlace | null;
};

/** Makes the index of one segment out of its blocks in order, with the state in which the one before has left everything. */
export class Indexer {
  readonly tracker: Tracker;
  readonly #keyframes: Buffer[] = [];
  readonly #blocks: Summary[] = [];
  readonly #tickers = new Map<string, number>();
  #keyframeBytes = 0;
  #sinceKeyframe = 0;
  #open = new OpenSummary();

  readonly #spacing: number;

  /** @param before has come to the segment's start; none is the start of a recording */
  constructor({ spacing = 64 }: Grain, before?: Tracker) {
    this.#spacing = spacing;
    this.tracker = new Tracker((event) => this.#hear(event));
    if (before !== undefined) this.tracker.restore(before.save(), [...before.books.values()]);
    this.tracker.forgetEnded();
  }

  /** Takes the next block. */
  add(entries: SegmentBlock["entries"]): void {
    const keyframe = this.#keyframeWhenDue();
    this.#open = new OpenSummary();
    if (entries === null) {
      this.#open.turns = true;
      this.tracker.damaged();
    } else for (const entry of entries) this.#take(entry);
    const { received, sent, events, sequences, tickers, snapshots, turns } = this.#open;
    this.#blocks.push({
      entries: entries?.length ?? 0,
      damaged: entries === null,
      received,
      sent,
      events,
      sequences: [...sequences].map(([sid, [first, last]]) => [sid, first, last] as const),
      tickers,
      snapshots,
      turns,
      keyframe,
    });
  }

  /** The index as a file's bytes, with the place of each block in the segment. */
  write(
    segment: number,
    format: SegmentIndex["format"],
    bytes: number,
    places: readonly Pick<SegmentBlock, "offset" | "length" | "crc">[],
  ): Buffer {
    // A segment without blocks has a keyframe all the same: what is behind it has to begin somewhere.
    const whole = places.length > 0 ? places : [{ offset: 0, length: 0, crc: 0 }];
    if (places.length === 0) this.add([]);
    return writeIndex(this.#result(segment, format, bytes, whole), this.#keyframes);
  }

  #result(
    segment: number,
    format: SegmentIndex["format"],
    bytes: number,
    places: readonly Pick<SegmentBlock, "offset" | "length" | "crc">[],
  ): SegmentIndex {
    const count = this.#tickers.size;
    return {
      version: 3,
      segment,
      format,
      bytes,
      entries: this.#blocks.reduce((sum, { entries }) => sum + entries, 0),
      tickers: [...this.#tickers.keys()],
      blocks: this.#blocks.map((block, index) => {
        const { offset, length, crc } = places[index]!;
        const [tickers, snapshots] = [bitsOf(block.tickers, count), bitsOf(block.snapshots, count)];
        return { ...block, offset, length, crc, tickers, snapshots };
      }),
    };
  }

  #keyframeWhenDue(): KeyframePlace | null {
    const last = this.#keyframes.at(-1);
    if (last !== undefined && this.#sinceKeyframe < this.#spacing * last.length) return null;
    const bytes = writeKeyframe(this.tracker);
    const place = {
      offset: this.#keyframeBytes,
      length: bytes.length,
      crc: crc32(bytes),
      latest: latestOf(this.tracker.save()),
    };
    this.#keyframes.push(bytes);
    this.#keyframeBytes += bytes.length;
    this.#sinceKeyframe = 0;
    return place;
  }

  #take(entry: Entry): void {
    const open = this.#open;
    this.#sinceKeyframe += entry.body.length;
    open.received = spanWith(open.received, entry.time);
    if (entry.kind === entryKind.mark) {
      const kind = readMark(entry.body)?.mark;
      if (kind !== undefined && kind !== "repaired") open.turns = true;
      this.tracker.take(entry);
      return;
    }
    const read = this.tracker.player.read(entry);
    this.#note(read, open);
    this.tracker.take(entry, read);
  }

  #note(read: ReadFrame, open: OpenSummary): void {
    const { time } = look(read);
    if (time !== null) open.sent = spanWith(open.sent, time);
    const { sid = null, seq = null } = read.envelope ?? {};
    if (sid === null || seq === null) return;
    const span = open.sequences.get(sid);
    open.sequences.set(sid, span === undefined ? [seq, seq] : [span[0], seq]);
  }

  #hear(event: BookEvent): void {
    const open = this.#open;
    open.events = spanWith(open.events, event.time ?? this.tracker.player.feed.estimate(event.receivedAt));
    if ("tickers" in event) for (const ticker of event.tickers) open.tickers.add(this.#number(ticker));
    else if (event.ticker !== null) open.tickers.add(this.#number(event.ticker));
    if (event.type === "snapshot") open.snapshots.add(this.#number(event.ticker));
  }

  #number(ticker: string): number {
    let number = this.#tickers.get(ticker);
    if (number === undefined) {
      number = this.#tickers.size;
      this.#tickers.set(ticker, number);
    }
    return number;
  }
}

class OpenSummary {
  received: Span | null = null;
  sent: Span | null = null;
  events: Span | null = null;
  readonly sequences = new Map<number, Span>();
  readonly tickers = new Set<number>();
  readonly snapshots = new Set<number>();
  turns = false;
}

function spanWith(span: Span | null, value: number): Span {
  return span === null ? [value, value] : [Math.min(span[0], value), Math.max(span[1], value)];
}

function latestOf({ latest, isClosed }: TrackerState): KeyframePlace["latest"] {
  return isClosed ? "never" : latest;
}
