import type { Timestamp } from "../../units/time.js";

interface Entry<T> {
  readonly at: Timestamp;
  /** Place among those of the same moment. */
  readonly serial: number;
  readonly item: T;
}

/** What is to come, soonest first; of one moment, what was entered first. A binary heap. */
export class Agenda<T> {
  readonly #heap: Entry<T>[] = [];
  #serial = 0;

  add(at: Timestamp, item: T): void {
    if (at === Number.POSITIVE_INFINITY) return;
    const heap = this.#heap;
    const entry = { at, serial: this.#serial, item };
    this.#serial += 1;
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  /** The soonest, left where it is. */
  get next(): { readonly at: Timestamp; readonly item: T } | undefined {
    return this.#heap[0];
  }

  /** Takes the soonest away. */
  shift(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.serial < b.serial);
}
