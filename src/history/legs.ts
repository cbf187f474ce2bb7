import type { Client } from "../client/http.js";
import { keyOf, pages } from "../client/pages.js";
import { asObject, type WireObject } from "../exchange/field.js";
import { parseTime } from "../units/time.js";
import { fetchCandlesticks } from "./candlesticks.js";
import type { Keep, Leg } from "./plan.js";

/** Where a leg stands: its next cursor, and the key of its very first item. */
export interface LegProgress {
  readonly cursor: string;
  readonly firstKey: string | null;
}

/** One page of a leg, sifted to what was asked. */
export interface LegPage {
  /** Index in the plan. */
  readonly leg: number;
  readonly items: readonly unknown[];
  /** What to save to go on behind this page; null after the last. */
  readonly next: LegProgress | null;
  /** Markets that this page should tell of and does not. */
  readonly lacking: readonly string[];
}

export interface LegOptions {
  /** Legs that run side by side. */
  readonly concurrency: number;
  /** Where a leg goes on; undefined starts it, null skips it. */
  readonly resume: (leg: number) => LegProgress | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows the legs of a plan, several side by side, and yields their pages as they arrive. A leg's pages keep their order; legs interleave.
 *
 * @throws what {@link pages} throws; other legs are then ended
 */
export async function* followLegs(client: Client, legs: readonly Leg[], options: LegOptions): AsyncGenerator<LegPage> {
  const waiting = legs.map((_, index) => index).filter((index) => options.resume(index) !== null);
  const running = new Map<
    number,
    { chain: AsyncGenerator<LegPage>; next: Promise<{ index: number; result: IteratorResult<LegPage> }> }
  >();
  const advance = (index: number, chain: AsyncGenerator<LegPage>): void => {
    const next = chain.next().then((result) => ({ index, result }));
    // A rejection is seen by the race below; a leg that fails while another is being handled must not go unhandled meanwhile.
    next.catch(() => undefined);
    running.set(index, { chain, next });
  };
  try {
    for (;;) {
      while (running.size < options.concurrency && waiting.length > 0) {
        const index = waiting.shift()!;
        advance(index, followLeg(client, legs[index]!, index, options.resume(index) ?? undefined, options.signal));
      }
      if (running.size === 0) return;
      const { index, result } = await Promise.race([...running.values()].map(({ next }) => next));
      const { chain } = running.get(index)!;
      if (result.done === true) {
        running.delete(index);
        continue;
      }
      advance(index, chain);
      yield result.value;
    }
  } finally {
    await Promise.allSettled([...running.values()].map(({ chain }) => chain.return(undefined)));
  }
}

async function* followLeg(
  client: Client,
  leg: Leg,
  index: number,
  from: LegProgress | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<LegPage> {
  if (leg.kind === "candlesticks") {
    const { candles, lacking } = await fetchCandlesticks(client, leg, signal);
    yield { leg: index, items: candles, next: null, lacking };
    return;
  }
  if (leg.kind === "single") {
    const answer = asObject(
      "answer",
      await client.json({ path: leg.path, access: leg.access, query: leg.query, signal }),
    );
    const body = leg.list === null ? answer : answer[leg.list];
    yield { leg: index, items: Array.isArray(body) ? (body as unknown[]) : [body], next: null, lacking: [] };
    return;
  }
  let firstKey = from?.firstKey ?? null;
  for await (const page of pages(client, leg.endpoint, leg.query, { cursor: from?.cursor, firstKey, signal })) {
    firstKey ??= keyOf(leg.endpoint, page.items[0]);
    const items = leg.keep === null ? page.items : sift(page.items, leg.keep);
    yield { leg: index, items, next: page.cursor === "" ? null : { cursor: page.cursor, firstKey }, lacking: [] };
  }
}

function sift(items: readonly unknown[], keep: Keep): readonly unknown[] {
  const wanted = keep.tickers === null ? null : new Set(keep.tickers);
  return items.filter((item) => {
    const object = asObject("record", item);
    if (wanted !== null && !wanted.has(String(object.ticker))) return false;
    return keep.from === null && keep.to === null ? true : within(object, keep);
  });
}

/** A record whose time is missing is kept: its parser decides whether it may be. */
function within(object: WireObject, keep: Keep): boolean {
  const value = object[keep.field];
  if (typeof value !== "string") return true;
  const time = parseTime(value);
  return (keep.from === null || time >= keep.from) && (keep.to === null || time < keep.to);
}
