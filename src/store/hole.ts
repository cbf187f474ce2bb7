import type { Timestamp } from "../units/time.js";
import { entryKind } from "./segment.js";

/** Messages that were not kept, because nothing could be written for too long. */
export interface Hole {
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly frames: number;
  readonly bytes: number;
  readonly reason: string;
}

/** What some entries hold, to be told when they are lost: frames, the bytes of their bodies, first and last time. */
export class Held {
  frames = 0;
  bytes = 0;
  from: Timestamp = Number.POSITIVE_INFINITY;
  to: Timestamp = Number.NEGATIVE_INFINITY;

  /** An entry with a body of so many bytes. */
  add(kind: number, time: Timestamp, bytes: number): void {
    this.#span(time, time);
    if (kind === entryKind.mark) return;
    this.frames += 1;
    this.bytes += bytes;
  }

  addAll({ frames, bytes, from, to }: Held): void {
    this.#span(from, to);
    this.frames += frames;
    this.bytes += bytes;
  }

  /** As what was lost. */
  hole(reason: string): Hole {
    const { from, to, frames, bytes } = this;
    return { from, to, frames, bytes, reason };
  }

  #span(from: Timestamp, to: Timestamp): void {
    this.from = Math.min(this.from, from);
    this.to = Math.max(this.to, to);
  }
}
