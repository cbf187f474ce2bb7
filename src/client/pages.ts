import { KalshiError } from "../errors.js";
import { CursorGuard } from "./cursor-guard.js";
import type { ApiRequest, Client, QueryValues } from "./http.js";
import type { Reservation } from "./rate-limit.js";

export { CursorGuard, keyOf } from "./cursor-guard.js";

/** One list of the exchange: where it is, and under which key its items stand. */
export interface ListEndpoint {
  readonly path: string;
  readonly access: ApiRequest["access"];
  /** Key of the items in the answer. */
  readonly list: string;
  /** Largest page; what is asked for unless told otherwise, so that also lists which require a limit get one. */
  readonly maxLimit: number;
  /** Parameter of the page's size; `limit` by default. */
  readonly sizeIn?: string;
  /** Where the next cursor stands in the answer; `cursor` by default. */
  readonly cursorIn?: string;
  /** Key of an item, to notice an exchange that starts over: one field, or several where only together they tell items apart. */
  readonly key: string | readonly string[];
  /** The time field by which items come newest first and which `min_ts` and `max_ts` bound; absent where there is no such order. */
  readonly descendsBy?: string;
}

export interface Page {
  readonly items: readonly unknown[];
  /** Where the next page starts; "" after the last. */
  readonly cursor: string;
  /** The answer as a whole: some lists come with others beside them. */
  readonly answer: Readonly<Record<string, unknown>>;
}

export interface PageOptions {
  /** Where to go on. */
  readonly cursor?: string | undefined;
  /** Key of the very first item of the chain, when going on from a saved cursor. */
  readonly firstKey?: string | null | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Pages of a list as the exchange sends them, until its cursor is empty. A short or empty page with a cursor is followed by the next; a row
 * that comes twice is passed on twice.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a limit that the endpoint refuses; `CURSOR_REPEATED`, `PAGES_ENDLESS` as {@link CursorGuard.check};
 * and what {@link Client.json} throws
 * @see API: 3.3 Pages
 */
export async function* pages(
  client: Client,
  endpoint: ListEndpoint,
  query: QueryValues,
  options: PageOptions = {},
): AsyncGenerator<Page> {
  const guard = new CursorGuard(endpoint, options.firstKey ?? null);
  for (let cursor = options.cursor ?? ""; ; ) {
    const page = await fetchPage(client, endpoint, query, { ...options, cursor });
    guard.check(cursor, page);
    yield page;
    if (page.cursor === "") return;
    cursor = page.cursor;
  }
}

/** Rows of a list one by one, in the order of {@link pages}. @throws what {@link pages} throws */
export async function* rows(
  client: Client,
  endpoint: ListEndpoint,
  query: QueryValues,
  options: PageOptions = {},
): AsyncGenerator<unknown> {
  for await (const { items } of pages(client, endpoint, query, options)) yield* items;
}

/**
 * One page of a list, the first when no cursor is given.
 *
 * @throws KalshiError `BAD_ARGUMENT` for a limit that the endpoint refuses, `BAD_RESPONSE`, and what {@link Client.json} throws
 */
export async function fetchPage(
  client: Client,
  endpoint: ListEndpoint,
  query: QueryValues,
  options: {
    readonly cursor?: string | undefined;
    readonly limit?: number | undefined;
    readonly reserved?: Reservation | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<Page> {
  const cursor = options.cursor === "" ? undefined : options.cursor;
  const limit = options.limit ?? endpoint.maxLimit;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > endpoint.maxLimit) {
    options.reserved?.release();
    throw badLimit(endpoint, limit);
  }
  const answer = await client.json({
    path: endpoint.path,
    access: endpoint.access,
    query: { ...query, [endpoint.sizeIn ?? "limit"]: limit, cursor },
    reserved: options.reserved,
    signal: options.signal,
  });
  return readPage(endpoint, answer);
}

function badLimit({ path, maxLimit }: ListEndpoint, limit: number): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `GET ${path}: a page of ${limit} rows`, {
    hint: `a page has from 1 to ${maxLimit} rows here: leave the limit out for the most`,
    context: { path, limit, maxLimit },
  });
}

function readPage(endpoint: ListEndpoint, answer: unknown): Page {
  const body = (typeof answer === "object" && answer !== null ? answer : {}) as Readonly<Record<string, unknown>>;
  const cursorIn = endpoint.cursorIn ?? "cursor";
  const items = body[endpoint.list];
  const cursor = body[cursorIn] ?? "";
  if (!Array.isArray(items) && items !== null)
    throw badPage(endpoint, `no list \`${endpoint.list}\` in the answer`, body);
  if (typeof cursor !== "string") throw badPage(endpoint, `\`${cursorIn}\` is no text`, body);
  return { items: (items as unknown[] | null) ?? [], cursor, answer: body };
}

function badPage({ path }: ListEndpoint, what: string, body: Readonly<Record<string, unknown>>): KalshiError {
  return new KalshiError("BAD_RESPONSE", `GET ${path}: ${what}`, {
    hint: "the exchange may have changed its shape; update this library",
    context: { path, keys: Object.keys(body) },
  });
}
