import type { Timestamp } from "../units/time.js";

/** Nothing. One list for all, so that an event that changes nothing costs nothing. */
export const none: readonly never[] = [];

/** A transform at work: takes items one by one, and gives what each completes. */
export interface Stage<I, O> {
  /** Everything with a time before this has been given. */
  readonly passed: Timestamp;
  /** Takes the next item. What it gives is to be read to its end before the next call. */
  take(item: I): Iterable<O>;
  /** Everything with a time before `until` has been taken, also where there was nothing. */
  pass(until: Timestamp): Iterable<O>;
  /** Nothing more comes: gives what was still open. */
  end(): Iterable<O>;
}

/** Two stages as one: the second takes what the first gives, and learns how far time has passed. */
export function chained<A, B, C>(first: Stage<A, B>, second: Stage<B, C>): Stage<A, C> {
  let told = Number.NEGATIVE_INFINITY;
  function* each(made: Iterable<B>): Generator<C> {
    for (const item of made) yield* second.take(item);
    yield* progress();
  }
  const progress = (): Iterable<C> => {
    if (first.passed <= told) return none;
    told = first.passed;
    return second.pass(told);
  };
  const onward = (made: Iterable<B>): Iterable<C> => (made === none ? progress() : each(made));
  return {
    get passed() {
      return second.passed;
    },
    take: (item) => onward(first.take(item)),
    pass: (until) => onward(first.pass(until)),
    *end() {
      yield* each(first.end());
      yield* second.end();
    },
  };
}

/** Several stages that take the same items: what each gives, one after the other. */
export function beside<I, O>(stages: readonly Stage<I, O>[]): Stage<I, O> {
  function* all(made: readonly Iterable<O>[]): Generator<O> {
    for (const one of made) yield* one;
  }
  const joined = (made: readonly Iterable<O>[]): Iterable<O> => (made.every((one) => one === none) ? none : all(made));
  return {
    get passed() {
      return stages.reduce((least, { passed }) => Math.min(least, passed), Number.POSITIVE_INFINITY);
    },
    take: (item) => joined(stages.map((stage) => stage.take(item))),
    pass: (until) => joined(stages.map((stage) => stage.pass(until))),
    end: () => joined(stages.map((stage) => stage.end())),
  };
}

/** A stage that looks at each item alone. */
export function itemwise<I, O>(each: (item: I) => Iterable<O>): Stage<I, O> {
  let passed = Number.NEGATIVE_INFINITY;
  return {
    get passed() {
      return passed;
    },
    take: each,
    pass(until) {
      passed = until;
      return none;
    },
    end: () => none,
  };
}
