import { KalshiError } from "../errors.js";
import type { ListEndpoint, Page } from "./pages.js";

/** Cursors that are remembered one by one; a longer circle is noticed when it comes round again. */
const REMEMBERED = 4_096;
/** Pages on end that bring nothing new, before a chain counts as endless. The sparsest filter of a real list comes nowhere near. */
const MOST_IDLE_PAGES = 1_000;

/** Watches one chain of pages for an exchange that does not go on with it. Its memory does not grow with the chain. */
export class CursorGuard {
  readonly #endpoint: ListEndpoint;
  readonly #seen = new SeenCursors();
  #first: string | null;
  #last: { readonly cursor: string; readonly keys: readonly (string | null)[] } = { cursor: "", keys: [] };
  #idle = 0;

  /** `firstKey`: the very first item of the chain, when going on from a saved cursor. */
  constructor(endpoint: ListEndpoint, firstKey: string | null) {
    this.#endpoint = endpoint;
    this.#first = firstKey;
  }

  /** Key of the chain's very first item, to be saved with its cursor. */
  get firstKey(): string | null {
    return this.#first;
  }

  /**
   * Checks the page that answered a cursor, "" for the first.
   *
   * @throws KalshiError `CURSOR_REPEATED` when a cursor comes twice, when a page has the rows of the one before, or when the exchange starts
   * over with page one (it does so without a word for a cursor it cannot read); `PAGES_ENDLESS` after a thousand pages without a new row
   */
  check(cursor: string, page: Page): void {
    const keys = page.items.map((item) => keyOf(this.#endpoint, item));
    // Not only at its head: newer rows may have come before it meanwhile.
    if (cursor !== "" && this.#first !== null && keys.includes(this.#first))
      throw this.#repeated("the exchange started over with page one");
    const same = cursor !== this.#last.cursor && sameKeys(keys, this.#last.keys);
    // One row alone may come again, as any row may; several in the same order are the same page.
    if (same && keys.length > 1) throw this.#repeated("the same page came twice");
    this.#first ??= keys[0] ?? null;
    this.#last = { cursor, keys };
    this.#idle = same || keys.length === 0 ? this.#idle + 1 : 0;
    if (page.cursor === "") return;
    if (!this.#seen.add(page.cursor)) throw this.#repeated("the same cursor came twice");
    if (this.#idle >= MOST_IDLE_PAGES) throw this.#endless();
  }

  #repeated(what: string): KalshiError {
    return new KalshiError("CURSOR_REPEATED", `GET ${this.#endpoint.path}: ${what}`, {
      hint: "begin anew, from the first page; a download by removing its .partial folder",
      context: { path: this.#endpoint.path },
    });
  }

  #endless(): KalshiError {
    const { path } = this.#endpoint;
    return new KalshiError("PAGES_ENDLESS", `GET ${path}: ${this.#idle} pages on end without a new row, and no end`, {
      hint: "ask for a shorter span or fewer markets, or again later; what was saved so far is kept",
      context: { path, pages: this.#idle },
    });
  }
}

/** The key of one item of a list as one text; null where it has none of the key's fields. */
export function keyOf({ key }: Pick<ListEndpoint, "key">, item: unknown): string | null {
  if (typeof item !== "object" || item === null) return null;
  const record = item as Readonly<Record<string, unknown>>;
  if (typeof key === "string") return typeof record[key] === "string" ? record[key] : null;
  const values = key.map((field) => record[field] ?? null);
  return values.every((value) => value === null) ? null : JSON.stringify(values);
}

/** The last few thousand cursors, and one that stays while the chain doubles its length: on any circle it is met again. */
class SeenCursors {
  readonly #recent = new Set<string>();
  #mark: string | null = null;
  #steps = 0;
  #markAfter = 1;

  /** False when the cursor was there before. */
  add(cursor: string): boolean {
    if (cursor === this.#mark || this.#recent.has(cursor)) return false;
    this.#recent.add(cursor);
    if (this.#recent.size > REMEMBERED) this.#recent.delete(this.#recent.values().next().value!);
    this.#steps += 1;
    if (this.#steps < this.#markAfter) return true;
    this.#mark = cursor;
    this.#steps = 0;
    this.#markAfter *= 2;
    return true;
  }
}

function sameKeys(a: readonly (string | null)[], b: readonly (string | null)[]): boolean {
  return a.length > 0 && a.length === b.length && a.every((key, at) => key !== null && key === b[at]);
}
