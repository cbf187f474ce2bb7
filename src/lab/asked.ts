import type { ColumnTable } from "arquero";

/** A question that is put when it is awaited: lazy, put once, its answer an arquero table. */
export abstract class Asked implements PromiseLike<ColumnTable> {
  #table: Promise<ColumnTable> | null = null;

  protected abstract collect(): Promise<ColumnTable>;

  // biome-ignore lint/suspicious/noThenProperty: awaiting a question is how one asks it.
  then<A = ColumnTable, B = never>(
    onTable?: ((table: ColumnTable) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.table().then(onTable, onError);
  }

  /** The answer as an arquero table, with its provenance. Asked once, then kept. */
  table(): Promise<ColumnTable> {
    // A failure is not kept: asked again, the question is put again.
    this.#table ??= this.collect().catch((error: unknown) => {
      this.#table = null;
      throw error;
    });
    return this.#table;
  }
}
