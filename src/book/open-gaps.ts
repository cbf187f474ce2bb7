import type { Gap, GapReason } from "./event.js";
import type { OpenGapState } from "./feed-state.js";

/** Gaps that were told and are not over: each until every one of its books has had a snapshot. */
export class OpenGaps {
  #gaps: { readonly gap: Gap; readonly pending: Set<string> }[] = [];

  get size(): number {
    return this.#gaps.length;
  }

  add(gap: Gap): void {
    if (gap.tickers.length > 0) this.#gaps.push({ gap, pending: new Set(gap.tickers) });
  }

  /** A book is whole again: the gaps that are over with it, oldest first. */
  restored(ticker: string): Gap[] {
    const over = this.#gaps.filter(({ pending }) => pending.delete(ticker) && pending.size === 0).map(({ gap }) => gap);
    if (over.length > 0) this.#gaps = this.#gaps.filter(({ pending }) => pending.size > 0);
    return over;
  }

  /** The books that are waited for. */
  get pending(): ReadonlySet<string> {
    return new Set(this.#gaps.flatMap(({ pending }) => [...pending]));
  }

  /** Those of them that are waited for since a gap for that reason. */
  pendingBy(reason: GapReason): ReadonlySet<string> {
    return new Set(this.#gaps.flatMap(({ gap, pending }) => (gap.reason === reason ? [...pending] : [])));
  }

  /** A book is no longer kept up: nobody waits for it. */
  forget(ticker: string): void {
    for (const { pending } of this.#gaps) pending.delete(ticker);
    this.#gaps = this.#gaps.filter(({ pending }) => pending.size > 0);
  }

  save(): OpenGapState[] {
    return this.#gaps.map(({ gap, pending }) => ({ gap, pending: [...pending] }));
  }

  restore(state: readonly OpenGapState[]): void {
    this.#gaps = state.map(({ gap, pending }) => ({ gap, pending: new Set(pending) }));
  }
}
