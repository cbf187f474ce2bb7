import type { Book } from "../book/book.js";
import type { Delta, Snapshot } from "../book/event.js";
import type { Level, Orderbook } from "../exchange/orderbook.js";
import type { Count } from "../units/count.js";
import type { LevelDifference } from "./marks.js";

type Side = "yes" | "no";

/** A book that changes more often than this while it is watched is not compared: it would take more memory than the answer is worth. */
const MOST_CHANGES = 100_000;

/**
 * One book from a moment on: what it was then, and every change since. Another's view of it can be held against each of its states.
 *
 * Costs memory by change, so it is meant for seconds.
 */
export class BookWatch {
  readonly #start: Orderbook;
  #changes: (Delta | Snapshot)[] = [];
  #isBroken: boolean;

  constructor(book: Book) {
    this.#start = book.levels();
    this.#isBroken = book.state !== "ok";
  }

  /** The states are not all known: a message is missing, or there were too many. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  take(event: Delta | Snapshot): void {
    if (this.#isBroken) return;
    this.#changes.push(event);
    if (this.#changes.length > MOST_CHANGES || (event.type === "delta" && event.state !== "ok")) this.break();
  }

  break(): void {
    this.#isBroken = true;
    this.#changes = [];
  }

  /** In which levels another's view differs from the nearest of the states: empty when it equals one of them. */
  differences(other: Pick<Orderbook, "yes" | "no">): readonly LevelDifference[] {
    const difference = new Difference(this.#start, other);
    let nearest = difference.list();
    for (const change of this.#changes) {
      if (nearest.length === 0) break;
      if (change.type === "snapshot") difference.restart(change);
      else difference.set(change.side, change.price, change.count);
      if (difference.size < nearest.length) nearest = difference.list();
    }
    return nearest;
  }
}

/** In which levels two books differ, kept up while one of them changes. */
class Difference {
  readonly #theirs = { yes: new Map<number, Count>(), no: new Map<number, Count>() };
  readonly #ours = { yes: new Map<number, Count>(), no: new Map<number, Count>() };

  constructor(ours: Pick<Orderbook, "yes" | "no">, theirs: Pick<Orderbook, "yes" | "no">) {
    for (const side of ["yes", "no"] as const) {
      for (const { price, count } of theirs[side]) if (count > 0) this.#theirs[side].set(price, count);
    }
    this.restart(ours);
  }

  /** How many levels differ. */
  get size(): number {
    return this.#ours.yes.size + this.#ours.no.size;
  }

  /** Our book was replaced. */
  restart(ours: { readonly yes: readonly Level[]; readonly no: readonly Level[] }): void {
    for (const side of ["yes", "no"] as const) {
      this.#ours[side].clear();
      for (const price of this.#theirs[side].keys()) this.#ours[side].set(price, 0);
      for (const { price, count } of ours[side]) this.set(side, price, count);
    }
  }

  /** Our count at a price. */
  set(side: Side, price: number, count: Count): void {
    if (count === (this.#theirs[side].get(price) ?? 0)) this.#ours[side].delete(price);
    else this.#ours[side].set(price, count);
  }

  list(): LevelDifference[] {
    return (["yes", "no"] as const).flatMap((side) =>
      [...this.#ours[side]]
        .map(([price, ours]) => ({ side, price, ours, rest: this.#theirs[side].get(price) ?? 0 }))
        .sort((a, b) => a.price - b.price),
    );
  }
}
