import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { KalshiError } from "../errors.js";
import { parseEnvelope } from "../exchange/channel.js";
import { type Lock, lockFolder } from "../store/lock.js";
import { entryKind, segmentName } from "../store/segment.js";
import { listSegments } from "../store/segment-reader.js";
import { SegmentWriter } from "../store/segment-writer.js";
import type { Timestamp } from "../units/time.js";
import { Continued } from "./continued.js";
import type { ReadLine } from "./frame-lines.js";
import type { ImportOptions } from "./import-frames.js";
import { Keeper } from "./keeper.js";
import { type ConnectMark, type ContinueMark, writeMark } from "./marks.js";
import { indexName } from "./segment-index.js";
import { strandFolder } from "./strands.js";

/** What came over one of the connections held at the same time, written as a recorder writes it. */
export class ImportedStrand {
  readonly #dir: string;
  readonly #place: number;
  readonly #lock: Lock | null;
  readonly #keeper: Keeper;
  #writer!: SegmentWriter;
  /** The connection of the lines that come now. */
  #current: ContinueMark | null = null;
  readonly #continued = new Continued();
  #last: Timestamp = 0;
  #lastClosed = 0;
  #problem: KalshiError | null = null;
  #isEnding = false;
  /** Numbers of the connection's subscriptions, as it told them, and whether anything else has come since. */
  #subscribed = new Map<number, boolean>();

  static async open(options: ImportOptions, place: number): Promise<ImportedStrand> {
    const strand = new ImportedStrand(options, place);
    try {
      await strand.#open(options);
      return strand;
    } catch (error) {
      strand.release();
      throw error;
    }
  }

  private constructor({ dir, compress = true }: ImportOptions, place: number) {
    this.#dir = strandFolder(dir, place);
    this.#place = place;
    // Who reads looks for a lock where the segments are.
    this.#lock = place === 0 ? null : lockFolder(this.#dir);
    this.#keeper = new Keeper({ dir: this.#dir, compress });
  }

  async #open({ syncMs, maxSegmentBytes }: ImportOptions): Promise<void> {
    this.#writer = await SegmentWriter.open({
      dir: this.#dir,
      syncMs,
      maxBytes: maxSegmentBytes,
      // Time passes here as fast as lines are read.
      maxAgeMs: Number.POSITIVE_INFINITY,
      preamble: () => {
        // The first segment is begun before anything has come.
        const before = this.#continued.at(this.#writer?.written ?? 0);
        return before === null ? null : { time: this.#last, body: writeMark(before) };
      },
      onProblem: (found) => {
        this.#problem = found;
      },
      onClosed: (_path, bytes) => {
        this.#lastClosed = bytes;
        if (!this.#isEnding) this.#keeper.pack(this.#writer.number + 1, bytes);
      },
    });
  }

  get segments(): number {
    return this.#writer.segments;
  }

  /** Whether a frame shows that another connection has begun, of which no line tells: on one, a subscription's number is never used again. */
  beginsAgain({ kind, body, connect }: ReadLine): boolean {
    if (connect !== null) this.#subscribed = new Map();
    if (kind === entryKind.mark) return false;
    const sid = body.includes('"subscribed"') ? sidOf(body) : null;
    const isAgain = sid !== null && this.#subscribed.get(sid) === true;
    if (isAgain) this.#subscribed = new Map();
    if (sid !== null) this.#subscribed.set(sid, false);
    else for (const known of this.#subscribed.keys()) this.#subscribed.set(known, true);
    return isAgain;
  }

  /** Begins a connection that is like the one before. */
  connect({ time, nanos }: ReadLine): void {
    const like = this.#current ?? { use_yes_price: false, tickers: [], channels: [] };
    const connect: ConnectMark = { ...like, mark: "connect", id: randomUUID() };
    const body = Buffer.from(writeMark(connect));
    this.append({ kind: entryKind.mark, time, nanos, body, strand: this.#place, connect });
  }

  /** @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  append({ kind, time, nanos, body, connect }: ReadLine): void {
    this.#last = time;
    if (connect !== null) {
      this.#current = { ...connect, mark: "continue" };
      this.#continued.turned(this.#writer.taken, this.#current);
    }
    this.#writer.append(kind, time, nanos, body);
    if (this.#problem !== null) throw this.#problem;
  }

  /** @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  async close(): Promise<void> {
    this.#isEnding = true;
    if (this.#writer.close() !== null || this.#problem !== null) throw this.#problem;
    await this.#keeper.close(this.#writer.number + 1, this.#lastClosed);
  }

  async remove(): Promise<void> {
    this.#isEnding = true;
    this.#writer.close();
    await this.#keeper.close(0, 0);
    if (this.#place > 0) {
      await rm(this.#dir, { recursive: true, force: true });
      return;
    }
    for (const number of await listSegments(this.#dir)) {
      for (const name of [segmentName(number), indexName(number)]) await rm(join(this.#dir, name), { force: true });
    }
  }

  release(): void {
    this.#lock?.release();
  }
}

/** The number of a subscription that a frame says has begun; null where it says nothing of the kind. */
function sidOf(body: Buffer): number | null {
  try {
    const { type, msg } = parseEnvelope(body.toString("utf8"));
    const sid = type === "subscribed" && typeof msg === "object" && msg !== null ? Reflect.get(msg, "sid") : null;
    return typeof sid === "number" ? sid : null;
  } catch {
    return null;
  }
}
