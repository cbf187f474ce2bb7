import { KalshiError } from "../errors.js";
import { beside, chained, itemwise, none, type Stage } from "./stage.js";

/** What a transform takes: a list, another transform's result, a recording, or a live feed. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** The `type` of records that a transform can give, by which a table knows its columns. */
export type RecordType = "quote" | "near_depth" | "bar" | "book" | "book_delta";

interface Given {
  /** `type` of all its records; null where they are of several types, or of none of ours. */
  readonly gives: RecordType | null;
}

/** What a transform gives; `same`: records of the type that it takes. */
export type Gives = RecordType | "same" | null;

/** What comes out over a list. Each loop over it starts anew. */
export interface Flow<T> extends Iterable<T>, Given {}

/** What comes out over a feed or a recording: `for await (const quote of flow)`. Each loop over it starts anew. */
export interface AsyncFlow<T> extends AsyncIterable<T>, Given {}

/** Turns one sequence into another as it comes; {@link pipe} puts several behind one another. */
export interface Transform<I, O> {
  (source: Iterable<I>): Flow<O>;
  (source: AsyncIterable<I>): AsyncFlow<O>;
  readonly gives: Gives;
  /** A new one at work, with nothing seen yet. */
  readonly start: () => Stage<I, O>;
}

/** Makes a transform out of what it does. */
export function transform<I, O>(start: () => Stage<I, O>, gives: Gives = null): Transform<I, O> {
  function over(source: Iterable<I>): Flow<O>;
  function over(source: AsyncIterable<I>): AsyncFlow<O>;
  function over(source: Source<I>): Flow<O> | AsyncFlow<O> {
    const given = gives === "same" ? givenBy(source) : gives;
    return isAsync(source)
      ? { gives: given, [Symbol.asyncIterator]: () => runAsync(source, start()) }
      : { gives: given, [Symbol.iterator]: () => run(source, start()) };
  }
  return Object.assign(over, { start, gives });
}

/**
 * A source through one or more transforms: `pipe(events, topOfBook(), resample("1s"))`.
 *
 * The work is done in one loop over the source, synchronously from event to result. A list gives an iterable; a feed or a recording gives an
 * async one. Ending the loop ends the source's.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a source that cannot be iterated, and for what is no transform
 */
export function pipe<A, B>(source: Iterable<A>, ab: Transform<A, B>): Flow<B>;
export function pipe<A, B>(source: AsyncIterable<A>, ab: Transform<A, B>): AsyncFlow<B>;
export function pipe<A, B, C>(source: Iterable<A>, ab: Transform<A, B>, bc: Transform<B, C>): Flow<C>;
export function pipe<A, B, C>(source: AsyncIterable<A>, ab: Transform<A, B>, bc: Transform<B, C>): AsyncFlow<C>;
export function pipe<A, B, C, D>(
  source: Iterable<A>,
  ab: Transform<A, B>,
  bc: Transform<B, C>,
  cd: Transform<C, D>,
): Flow<D>;
export function pipe<A, B, C, D>(
  source: AsyncIterable<A>,
  ab: Transform<A, B>,
  bc: Transform<B, C>,
  cd: Transform<C, D>,
): AsyncFlow<D>;
export function pipe<A, B, C, D, E>(
  source: Iterable<A>,
  ab: Transform<A, B>,
  bc: Transform<B, C>,
  cd: Transform<C, D>,
  de: Transform<D, E>,
): Flow<E>;
export function pipe<A, B, C, D, E>(
  source: AsyncIterable<A>,
  ab: Transform<A, B>,
  bc: Transform<B, C>,
  cd: Transform<C, D>,
  de: Transform<D, E>,
): AsyncFlow<E>;
export function pipe(
  source: Source<unknown>,
  first: Transform<unknown, unknown>,
  ...rest: readonly Transform<unknown, unknown>[]
): Flow<unknown> | AsyncFlow<unknown> {
  requireTransforms([first, ...rest]);
  const whole = rest.reduce(behind, first);
  return isAsync(source) ? whole(source) : whole(source);
}

/**
 * Several transforms over one pass of the same events, for a live feed can be read once only; their records come mixed, told apart by
 * `type`: `pipe(live, merge(topOfBook(), bars({ every: "1m" })))`.
 */
export function merge<I, A, B>(a: Transform<I, A>, b: Transform<I, B>): Transform<I, A | B>;
export function merge<I, A, B, C>(a: Transform<I, A>, b: Transform<I, B>, c: Transform<I, C>): Transform<I, A | B | C>;
export function merge<I, A, B, C, D>(
  a: Transform<I, A>,
  b: Transform<I, B>,
  c: Transform<I, C>,
  d: Transform<I, D>,
): Transform<I, A | B | C | D>;
export function merge<I, O>(first: Transform<I, O>, ...others: readonly Transform<I, O>[]): Transform<I, O> {
  requireTransforms([first, ...others]);
  const gives = others.every((other) => other.gives === first.gives) ? first.gives : null;
  return transform(() => beside([first, ...others].map(({ start }) => start())), gives);
}

/** Only the items that pass. */
export function filter<T, S extends T>(passes: (item: T) => item is S): Transform<T, S>;
export function filter<T>(passes: (item: T) => boolean): Transform<T, T>;
export function filter<T>(passes: (item: T) => boolean): Transform<T, T> {
  requireFunction("filter", passes);
  return transform(() => itemwise((item) => (passes(item) ? [item] : none)), "same");
}

/** Each item as what `make` makes of it. */
export function map<I, O>(make: (item: I) => O): Transform<I, O> {
  requireFunction("map", make);
  return transform(() => itemwise((item) => [make(item)]));
}

/** One transform behind another. */
function behind<A, B, C>(first: Transform<A, B>, second: Transform<B, C>): Transform<A, C> {
  return transform(() => chained(first.start(), second.start()), second.gives === "same" ? first.gives : second.gives);
}

/** Without its parentheses, `topOfBook` is no transform yet. */
function requireTransforms(given: readonly Partial<Transform<unknown, unknown>>[]): void {
  for (const [at, one] of given.entries()) {
    if (typeof one?.start === "function") continue;
    throw new KalshiError("BAD_ARGUMENT", `transform ${at + 1} of ${given.length} is none, but ${typeof one}`, {
      hint: "call what makes it: topOfBook(), not topOfBook; of your own there are map(…) and filter(…)",
      context: { found: typeof one },
    });
  }
}

function requireFunction(name: string, given: unknown): void {
  if (typeof given === "function") return;
  throw new KalshiError("BAD_ARGUMENT", `${name} takes a function of a record, not ${typeof given}`, {
    hint: `such as ${name}((quote) => quote.spread)`,
    context: { found: typeof given },
  });
}

/** The `type` of the records of a source, where it tells. */
export function givenBy(source: Source<unknown>): RecordType | null {
  return "gives" in source ? (source.gives as RecordType | null) : null;
}

export function isAsync<T>(source: Source<T>): source is AsyncIterable<T> {
  if (typeof source === "object" && source !== null) {
    if (Symbol.asyncIterator in source) return true;
    if (Symbol.iterator in source) return false;
  }
  throw new KalshiError("BAD_ARGUMENT", "what is given cannot be iterated", {
    hint: "give a list of events, `await lab.live(…)`, `await openRecording(dir)`, or its `replay(…)`",
    context: { found: typeof source },
  });
}

function* run<I, O>(source: Iterable<I>, stage: Stage<I, O>): Generator<O> {
  for (const item of source) {
    const made = stage.take(item);
    if (made !== none) yield* made;
  }
  yield* stage.end();
}

async function* runAsync<I, O>(source: AsyncIterable<I>, stage: Stage<I, O>): AsyncGenerator<O> {
  for await (const item of source) {
    const made = stage.take(item);
    // Not yield*: it would await each twice.
    if (made !== none) for (const one of made) yield one;
  }
  yield* stage.end();
}
