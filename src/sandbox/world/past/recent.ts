/** Keeps what was made last, up to a weight in all; what was not asked for longest goes first. */
export class Recent<Value> {
  readonly #most: number;
  readonly #weigh: (value: Value) => number;
  readonly #values = new Map<string, Value>();
  #weight = 0;

  constructor(most: number, weigh: (value: Value) => number) {
    this.#most = most;
    this.#weigh = weigh;
  }

  get weight(): number {
    return this.#weight;
  }

  get(key: string, make: () => Value): Value {
    let value = this.#values.get(key);
    if (value === undefined) {
      value = make();
      this.#weight += this.#weigh(value);
    } else {
      this.#values.delete(key);
    }
    this.#values.set(key, value);
    this.#shrink(key);
    return value;
  }

  clear(): void {
    this.#values.clear();
    this.#weight = 0;
  }

  #shrink(spared: string): void {
    for (const [key, value] of this.#values) {
      if (this.#weight <= this.#most || key === spared) return;
      this.#values.delete(key);
      this.#weight -= this.#weigh(value);
    }
  }
}
