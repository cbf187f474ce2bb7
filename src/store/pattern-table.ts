import { PatternWriter } from "./pattern-writer.js";
import { ValuePlaces } from "./value-places.js";

/** The patterns of a block's texts. Those of one block are there for the next, in room that is used again; what it does not use is let go. */
export class PatternTable {
  readonly #places = new ValuePlaces();
  readonly #byHash = new Map<number, PatternWriter[]>();
  /** In the order of their first texts. */
  #used: PatternWriter[] = [];

  /** Adds a text to its pattern; null for one that has none. */
  add(body: Buffer): PatternWriter | null {
    const places = this.#places;
    if (!places.find(body)) return null;
    const pattern = this.#patternOf(body, places);
    if (pattern.rows === 0) this.#used.push(pattern);
    pattern.add(body, places);
    return pattern;
  }

  get used(): readonly PatternWriter[] {
    return this.#used;
  }

  /** Begins another block. */
  clear(): void {
    const used = new Set(this.#used);
    for (const [hash, patterns] of this.#byHash) {
      const kept = patterns.filter((pattern) => used.has(pattern));
      if (kept.length === 0) this.#byHash.delete(hash);
      else if (kept.length < patterns.length) this.#byHash.set(hash, kept);
    }
    for (const pattern of used) pattern.clear();
    this.#used = [];
  }

  #patternOf(body: Buffer, places: ValuePlaces): PatternWriter {
    const hash = places.hash(body);
    const alike = this.#byHash.get(hash);
    const found = alike?.find((pattern) => pattern.fits(body, places));
    if (found !== undefined) return found;
    const pattern = new PatternWriter(body, places);
    if (alike === undefined) this.#byHash.set(hash, [pattern]);
    else alike.push(pattern);
    return pattern;
  }
}
