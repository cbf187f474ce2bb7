import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Timestamp } from "../units/time.js";

/**
 * A recording of one connection at a time is one stream of frames. Past a connection's limits several are held at the same time, and each has
 * a strand: a stream of its own in segments of its own, so that numbers which mean something only on their connection stay apart. The first
 * is in the recording's folder itself, the others in folders of it.
 */
export interface Strand {
  /** Counted from 0. */
  readonly place: number;
  readonly dir: string;
}

/** Connections of the second strand are counted from 1,000,001, those of the third from 2,000,001. */
const STEP = 1_000_000;

export function strandFolder(dir: string, place: number): string {
  return place === 0 ? dir : join(dir, `connection-${place + 1}`);
}

/** The strands of a recording, the first always among them. */
export async function listStrands(dir: string): Promise<Strand[]> {
  const names = await readdir(dir).catch(() => []);
  const places = names.flatMap((name) => {
    const number = Number(/^connection-([1-9]\d*)$/.exec(name)?.[1] ?? 0);
    return number >= 2 ? [number - 1] : [];
  });
  return [0, ...places.sort((a, b) => a - b)].map((place) => ({ place, dir: strandFolder(dir, place) }));
}

/** The number in the whole recording of a connection that is counted from 1 in its strand. */
export function connectionNumber(place: number, connection: number): number {
  return place * STEP + connection;
}

/** The same thing as what came on a strand tells it, in the whole recording. */
export function ofStrand<T extends { readonly connection: number }>(place: number, one: T): T {
  return place === 0 ? one : { ...one, connection: connectionNumber(place, one.connection) };
}

/** Some of what one stream has, in its order. */
export interface Stretch<T> {
  /** Which of the streams, by its place among them. */
  readonly stream: number;
  readonly items: readonly T[];
}

interface Head<T> {
  readonly batches: AsyncIterator<readonly T[]>;
  items: readonly T[];
  at: number;
}

/** Several streams as one, by time; each keeps its own order. One alone is given as it comes. */
export async function* interleaved<T>(
  streams: readonly AsyncIterable<readonly T[]>[],
  timeOf: (item: T) => Timestamp,
): AsyncGenerator<Stretch<T>> {
  if (streams.length === 1) {
    for await (const items of streams[0]!) yield { stream: 0, items };
    return;
  }
  const heads: Head<T>[] = streams.map((stream) => ({ batches: stream[Symbol.asyncIterator](), items: [], at: 0 }));
  const next = ({ items, at }: Head<T>): Timestamp =>
    at < items.length ? timeOf(items[at]!) : Number.POSITIVE_INFINITY;
  try {
    for (const head of heads) await refill(head);
    for (;;) {
      const [first, then] = leastTwo(heads.map(next));
      const head = heads[first]!;
      const limit = next(heads[then]!);
      if (head.at >= head.items.length) return;
      let to = head.at + 1;
      while (to < head.items.length && timeOf(head.items[to]!) <= limit) to += 1;
      yield { stream: first, items: head.items.slice(head.at, to) };
      head.at = to;
      await refill(head);
    }
  } finally {
    for (const { batches } of heads) await batches.return?.();
  }
}

/** Brings the next batch that has anything, when the present one is through. */
async function refill<T>(head: Head<T>): Promise<void> {
  while (head.at >= head.items.length) {
    const step = await head.batches.next();
    if (step.done === true) return;
    head.items = step.value;
    head.at = 0;
  }
}

/** Where the least and the least of the others stand. */
function leastTwo(times: readonly Timestamp[]): readonly [first: number, then: number] {
  let [first, then] = times[0]! <= times[1]! ? [0, 1] : [1, 0];
  for (let at = 2; at < times.length; at += 1) {
    if (times[at]! < times[first]!) [first, then] = [at, first];
    else if (times[at]! < times[then]!) then = at;
  }
  return [first, then];
}
