import type { Frame } from "../client/socket.js";
import type { Hole } from "../store/hole.js";
import { type Lock, lockFolder } from "../store/lock.js";
import { entryKind } from "../store/segment.js";
import type { CutTail, DamagedTail } from "../store/segment-reader.js";
import { type SegmentOptions, SegmentWriter } from "../store/segment-writer.js";
import type { Timestamp } from "../units/time.js";
import { Continued } from "./continued.js";
import { Keeper } from "./keeper.js";
import { type ContinueMark, type DisconnectMark, type Mark, writeMark } from "./marks.js";
import { leftRaw, removeUnfinished } from "./packer.js";
import { type Strand, strandFolder } from "./strands.js";

export interface StrandOptions extends Pick<SegmentOptions, "syncMs" | "maxBytes" | "maxAgeMs" | "maxPendingBytes"> {
  /** Folder of the recording, which the recorder holds. */
  readonly dir: string;
  readonly place: number;
  readonly compress: boolean;
  readonly now: () => Timestamp;
  /** Markets that its connection has now. */
  readonly tickers: () => readonly string[];
  /** Writing has begun to fail, or works again. */
  readonly onChange: () => void;
  /** Something was lost, and that is noted. */
  readonly onHole: (hole: Hole) => void;
}

/** A clock that was set by less is not noted, in microseconds: a gap is not told to begin so near to what is proven. */
const LEAST_SET = 200_000;

/** Writes what comes over one of the connections that are held at the same time, with notes of them, and has it packed. */
export class StrandWriter implements Strand {
  readonly place: number;
  readonly dir: string;
  readonly keeper: Keeper;
  readonly #options: StrandOptions;
  readonly #lock: Lock | null;
  #segments!: SegmentWriter;
  /** The connection of the frames that come now, for segments to begin with. */
  #current: ContinueMark | null = null;
  readonly #continued = new Continued();
  #lastClosed = 0;
  /** Local time less the monotonic one, in microseconds, as it was last noted. */
  #lead = 0;
  /** Receive time of the last frame. */
  #readAt: Timestamp | null = null;
  #isEnding = false;

  /** @throws KalshiError as {@link SegmentWriter.open}, and `FOLDER_LOCKED` */
  static async open(options: StrandOptions): Promise<StrandWriter> {
    const strand = new StrandWriter(options);
    try {
      await strand.#open();
      return strand;
    } catch (error) {
      strand.abandon();
      throw error;
    }
  }

  private constructor(options: StrandOptions) {
    const { dir, place, compress } = options;
    this.place = place;
    this.dir = strandFolder(dir, place);
    this.#options = options;
    // Who reads looks for a lock where the segments are.
    this.#lock = place === 0 ? null : lockFolder(this.dir);
    this.keeper = new Keeper({ dir: this.dir, compress });
  }

  /** What is written, and how that goes. */
  get segments(): SegmentWriter {
    return this.#segments;
  }

  frame({ data, binary, receivedAt }: Frame): void {
    // Of what was read at once only the first has its time from just now.
    if (receivedAt !== this.#readAt) this.#noteClock(receivedAt);
    this.#readAt = receivedAt;
    this.#segments.append(binary ? entryKind.binary : entryKind.text, receivedAt, 0, data);
  }

  note(mark: Mark): void {
    this.#segments.append(entryKind.mark, this.#options.now(), 0, writeMark(mark));
  }

  connected(connection: Omit<ContinueMark, "mark">): void {
    this.#current = { mark: "continue", ...connection };
    this.#continued.turned(this.#segments.taken, this.#current);
    this.#lead = leadOf(this.#options.now());
    this.note({ ...this.#current, mark: "connect" });
  }

  disconnected(end: Omit<DisconnectMark, "mark">): void {
    this.#continued.turned(this.#segments.taken, null);
    this.note({ mark: "disconnect", ...end });
    this.#segments.flush();
    this.#current = null;
  }

  /** Sees to what an earlier recorder has left unpacked. */
  async packLeft(): Promise<void> {
    const { number } = this.#segments;
    const left = await leftRaw(this.dir, number, this.#options.compress);
    if (!this.#isEnding) this.keeper.found(number, left);
  }

  /** Writes everything, has it packed, and ends; gives what could not be written. */
  async close(): Promise<Hole | null> {
    this.#isEnding = true;
    const hole = this.#segments.close();
    await this.keeper.close(this.#segments.number + 1, this.#lastClosed);
    this.#lock?.release();
    return hole;
  }

  /** Ends before anything has come. */
  abandon(): void {
    this.#isEnding = true;
    this.#segments?.close();
    this.#lock?.release();
  }

  async #open(): Promise<void> {
    const { syncMs, maxBytes, maxAgeMs, maxPendingBytes } = this.#options;
    this.#segments = await SegmentWriter.open({
      ...{ dir: this.dir, syncMs, maxBytes, maxAgeMs, maxPendingBytes },
      preamble: () => {
        // The first segment is begun before anything has come.
        const before = this.#continued.at(this.#segments?.written ?? 0);
        const mark = before === this.#current ? this.#begun() : before;
        return mark === null ? null : { time: this.#options.now(), body: writeMark(mark) };
      },
      onProblem: () => {
        this.keeper.pause();
        this.#options.onChange();
      },
      onRecovery: (hole) => {
        this.keeper.resume();
        if (hole !== null) this.#noteHole(hole);
        this.#options.onChange();
      },
      onClosed: (_path, bytes) => {
        this.#lastClosed = bytes;
        // The last one is seen to at the end, when no frame is waiting any more.
        if (!this.#isEnding) this.keeper.pack(this.#segments.number + 1, bytes);
      },
    });
    const { repaired, damaged } = this.#segments;
    if (repaired !== null) this.#noteRepair(repaired);
    if (damaged !== null) this.#noteDamage(damaged);
    if (this.place > 0 && this.#segments.number > 1) this.note({ mark: "restart" });
    await removeUnfinished(this.dir);
  }

  /** The connection as it is now, with the markets that have come and gone. */
  #begun(): ContinueMark | null {
    const tickers = this.#options.tickers();
    return this.#current === null || tickers.length === 0 ? this.#current : { ...this.#current, tickers };
  }

  /** Whoever is killed cannot tell when it last heard of a connection but by the time of a frame, which says nothing where the clock was set. */
  #noteClock(receivedAt: Timestamp): void {
    const by = Math.round(leadOf(receivedAt) - this.#lead);
    if (Math.abs(by) < LEAST_SET) return;
    this.#lead += by;
    this.note({ mark: "clock", set_by: by });
  }

  #noteHole(hole: Hole): void {
    this.note({ mark: "hole", ...hole });
    // A connection that came in the hole was not written down.
    const current = this.#begun();
    if (current !== null) this.note({ ...current, mark: "connect" });
    this.#options.onHole(hole);
  }

  /** What a crash has torn off is a hole from the last whole message on. */
  #noteRepair({ segment, bytes, frames, lastAt }: CutTail): void {
    this.note({ mark: "repaired", segment, bytes, frames });
    this.#noteLost(lastAt, frames, bytes, "TORN_TAIL");
  }

  /** Whoever reads comes upon the damage itself; how many frames were in it nobody knows. */
  #noteDamage({ bytes, lastAt }: DamagedTail): void {
    this.#noteLost(lastAt, 0, bytes, "DAMAGED_TAIL");
  }

  #noteLost(lastAt: Timestamp | null, frames: number, bytes: number, reason: string): void {
    const now = this.#options.now();
    const from = lastAt ?? now;
    this.note({ mark: "hole", from, to: Math.max(from, now), frames, bytes, reason });
  }
}

function leadOf(now: Timestamp): number {
  return now - performance.now() * 1_000;
}
