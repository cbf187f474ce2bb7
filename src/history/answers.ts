import type { Client } from "../client/http.js";
import { asObject } from "../exchange/field.js";
import type { Timestamp } from "../units/time.js";
import type { HistoryCache } from "./cache.js";
import { fetchCandlesticks } from "./candlesticks.js";
import type { Cutoffs } from "./cutoff.js";
import type { CachedLeg, CandlestickLeg, Leg, ListLeg, SingleLeg } from "./plan.js";
import { Range, sift } from "./range.js";

/** Rows of a leg that is answered otherwise than by a cursor. */
export interface Answer {
  readonly items: readonly unknown[];
  /** Answers of the exchange that it took. */
  readonly answers: number;
  /** When what was kept on disk was fetched; undefined for what was asked now. */
  readonly fetched?: Timestamp | undefined;
  /** Markets that it should tell of and does not. */
  readonly lacking: readonly string[];
  /** Takes the rows down for another time, to be called once they are accepted. */
  readonly keep?: () => Promise<void>;
}

export interface AnswerOptions {
  readonly cache: HistoryCache | undefined;
  readonly cutoffs: Cutoffs | null;
  readonly signal: AbortSignal;
}

/** The rows of a leg that is no list: candles, a catalogue or single object, or what is kept on disk. */
export function followAnswers(
  client: Client,
  leg: Exclude<Leg, ListLeg>,
  options: AnswerOptions,
): AsyncGenerator<Answer> {
  if (leg.kind === "candlesticks") return candles(client, leg, options);
  return leg.kind === "single" ? single(client, leg, options.signal) : kept(client, leg, options);
}

async function* candles(client: Client, leg: CandlestickLeg, options: AnswerOptions): AsyncGenerator<Answer> {
  const { candles: items, lacking } = await fetchCandlesticks(client, leg, options.signal);
  const keep = async (): Promise<void> => {
    const writer = options.cache?.writer(leg, options.cutoffs) ?? null;
    writer?.add(items, leg.from, leg.to);
    await writer?.finish();
  };
  yield { items, answers: 1, lacking, keep };
}

async function* single(client: Client, leg: SingleLeg, signal: AbortSignal): AsyncGenerator<Answer> {
  const { path, access, query, list } = leg;
  const request = { path, access, query, signal };
  if (list !== null && leg.streamed !== undefined) {
    let answers = 1;
    for await (const items of client.items(request, list, leg.streamed.key)) {
      yield { items, answers, lacking: [] };
      answers = 0;
    }
    return;
  }
  const answer = asObject("answer", await client.json(request));
  const body = list === null ? answer : answer[list];
  yield { items: Array.isArray(body) ? (body as unknown[]) : [body], answers: 1, lacking: [] };
}

async function* kept(client: Client, leg: CachedLeg, options: AnswerOptions): AsyncGenerator<Answer> {
  const keep = leg.instead.kind === "list" ? leg.instead.keep : null;
  const reading = options.cache?.read(leg);
  let next = await reading?.next();
  for (; next !== undefined && next.done !== true; next = await reading!.next()) {
    options.signal.throwIfAborted();
    const { items, fetched } = next.value;
    yield { items: keep === null ? items : sift(items, keep), answers: 0, fetched, lacking: [] };
  }
  // What was there when the plan was made and is not any more is asked for.
  for (const rest of next?.value ?? [leg.instead]) yield* asked(client, rest, options);
}

async function* asked(client: Client, leg: Leg, options: AnswerOptions): AsyncGenerator<Answer> {
  if (leg.kind !== "list") {
    yield* followAnswers(client, leg, options);
    return;
  }
  const range = Range.whole(leg, 0);
  for (let next: unknown = true; next !== null; ) {
    const page = await range.fetch(client, undefined, options.signal);
    next = page.next;
    yield { items: page.items, answers: 1, lacking: [] };
  }
}
