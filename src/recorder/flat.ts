/**
 * Items one by one out of batches, which are asked for as they are needed. As an async generator it closes its source when the loop over it
 * ends; unlike one it hands out what is there without a step of its own for each item, has no `throw()`, and its `return()` takes no value.
 */
export function flat<T>(batches: AsyncGenerator<readonly T[]>): AsyncIterableIterator<T, undefined, undefined> {
  return new Flat(batches);
}

class Flat<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #batches: AsyncGenerator<readonly T[]>;
  #items: readonly T[] = [];
  #at = 0;
  /** Ends when the next batch is there; who asks meanwhile comes after those who asked before. */
  #coming: Promise<unknown> | null = null;

  constructor(batches: AsyncGenerator<readonly T[]>) {
    this.#batches = batches;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#coming === null && this.#at < this.#items.length) {
      const value = this.#items[this.#at]!;
      this.#at += 1;
      return Promise.resolve({ value, done: false });
    }
    return this.#inTurn(() => this.#afterMore());
  }

  return(): Promise<IteratorResult<T, undefined>> {
    return this.#inTurn(async () => {
      this.#items = [];
      await this.#batches.return(undefined);
      return ended;
    });
  }

  #inTurn(act: () => Promise<IteratorResult<T, undefined>>): Promise<IteratorResult<T, undefined>> {
    const before = this.#coming;
    let result: Promise<IteratorResult<T, undefined>> | null = null;
    result = (async () => {
      // Whoever asked before is told of what went wrong.
      await before?.catch(() => undefined);
      try {
        return await act();
      } finally {
        if (this.#coming === result) this.#coming = null;
      }
    })();
    this.#coming = result;
    return result;
  }

  async #afterMore(): Promise<IteratorResult<T, undefined>> {
    while (this.#at >= this.#items.length) {
      const step = await this.#batches.next();
      if (step.done === true) return ended;
      this.#items = step.value;
      this.#at = 0;
    }
    const value = this.#items[this.#at]!;
    this.#at += 1;
    return { value, done: false };
  }
}

const ended = { value: undefined, done: true } as const;
