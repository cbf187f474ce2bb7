import { setTimeout as wait } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { KalshiError } from "../errors.js";
import { type Count, headOf, readText } from "./body.js";
import { keyOf } from "./cursor-guard.js";
import {
  type Asked,
  brokenOff,
  canPass,
  interrupted,
  readBody,
  shapeError,
  transportError,
  unreadable,
} from "./faults.js";
import { ListFault, listItems } from "./list-items.js";
import { backoff, type RetryPolicy } from "./retry.js";

/** Bytes shown of an answer that cannot be read. */
const HEAD_BYTES = 200;

/** A list whose first items have come. Throws KalshiError where it breaks off. */
export type OpenList = AsyncIterable<readonly unknown[]>;

export interface LongListOptions {
  /** Field that tells items apart; without it, an answer that has begun is not asked for again. */
  readonly key: string | undefined;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Told of an answer that broke off and is asked for again. */
  readonly onAgain: () => void;
}

/**
 * The items of a list that comes in one long answer, as they arrive. An answer that breaks off after some of them were given is opened again
 * when their key is known, and what was given is left out.
 *
 * @throws KalshiError what `open` throws, `INTERRUPTED`; after some items were given, with `context.items` telling how many
 */
export async function* longList(
  open: () => Promise<OpenList>,
  { key, policy, signal, onAgain }: LongListOptions,
): AsyncGenerator<readonly unknown[], void> {
  const given = new GivenItems(key);
  for (let failures = 0; ; ) {
    let opened: OpenList | null = null;
    try {
      opened = await open();
      for await (const items of opened) {
        const fresh = given.take(items, failures > 0);
        if (fresh.length > 0) yield fresh;
      }
      return;
    } catch (error) {
      if (signal.aborted) throw interrupted(error);
      failures += 1;
      // What cannot be opened was tried often enough.
      const over = opened === null || key === undefined || failures >= policy.attempts;
      if (over || !(error instanceof KalshiError && canPass(error))) throw given.explain(error);
    }
    onAgain();
    await wait(backoff(failures, policy), undefined, { signal }).catch((error: unknown) => {
      throw interrupted(error);
    });
  }
}

/**
 * Opens the list of an answer and waits for its first items: until then it can be asked for again.
 *
 * @throws KalshiError as `readBody`; `BAD_RESPONSE` for an answer without the list; `UNREACHABLE`, `TIMED_OUT`
 */
export async function openList(
  answer: Dispatcher.ResponseData<unknown>,
  asked: Asked,
  list: string,
  count: Count,
): Promise<OpenList> {
  if (answer.statusCode < 200 || answer.statusCode >= 300) readBody(await readText(answer, count), asked);
  let head = "";
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      count(chunk.length);
      if (head.length < HEAD_BYTES) head += chunk.toString("utf8", 0, HEAD_BYTES);
      yield chunk;
    }
  }
  const explain = (error: unknown): KalshiError => {
    if (!(error instanceof ListFault)) return transportError(error, asked, "answering");
    if (error.kind === "shape") return shapeError(asked, list, error.message);
    return unreadable({ ...headOf(answer), text: head }, asked);
  };
  const source = explained(listItems(chunks(), list), explain);
  const first = await source.next();
  return {
    async *[Symbol.asyncIterator]() {
      try {
        if (first.done !== true) yield first.value;
        yield* source;
      } finally {
        // Whoever stops in the middle ends the answer.
        await source.return();
      }
    },
  };
}

async function* explained<T>(
  source: AsyncIterable<T>,
  explain: (error: unknown) => KalshiError,
): AsyncGenerator<T, void> {
  try {
    for await (const items of source) yield items;
  } catch (error) {
    throw explain(error);
  }
}

/** What was handed out of a list so far. */
class GivenItems {
  readonly #key: string | undefined;
  readonly #keys = new Set<string>();
  #count = 0;

  constructor(key: string | undefined) {
    this.#key = key;
  }

  /** Of some items those that are to be handed out now: all, or in an answer that was asked for again those that were not. */
  take(items: readonly unknown[], again: boolean): readonly unknown[] {
    const key = this.#key;
    const fresh =
      key === undefined
        ? items
        : items.filter((item) => {
            const name = keyOf({ key }, item);
            const known = name !== null && this.#keys.has(name);
            if (name !== null) this.#keys.add(name);
            return !(again && known);
          });
    this.#count += fresh.length;
    return fresh;
  }

  /** An error, and how many items had come before it, if any had. */
  explain(error: unknown): unknown {
    return this.#count > 0 && error instanceof KalshiError ? brokenOff(error, this.#count) : error;
  }
}
