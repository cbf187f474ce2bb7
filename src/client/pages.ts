import { KalshiError } from "../errors.js";
import type { ApiRequest, Client, QueryValues } from "./http.js";
import type { Reservation } from "./rate-limit.js";

/** One list of the exchange: where it is, and under which key its items stand. */
export interface ListEndpoint {
  readonly path: string;
  readonly access: ApiRequest["access"];
  /** Key of the items in the answer. */
  readonly list: string;
  /** Largest page. */
  readonly maxLimit: number;
  /** Key of an item, to notice an exchange that starts over. */
  readonly key: string;
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
 * Pages of a list as the exchange sends them, until its cursor is empty. A short or empty page with a cursor is followed by the next.
 *
 * @throws KalshiError `CURSOR_REPEATED` when a cursor comes twice, or when the exchange starts over with page one (it does so without a
 * word for a cursor it cannot read); and what {@link Client.json} throws
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

/** One page of a list, the first when no cursor is given. @throws KalshiError `BAD_RESPONSE`, and what {@link Client.json} throws */
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
  const answer = await client.json({
    path: endpoint.path,
    access: endpoint.access,
    query: { ...query, limit: options.limit ?? endpoint.maxLimit, cursor },
    reserved: options.reserved,
    signal: options.signal,
  });
  return readPage(endpoint, answer);
}

/** Watches one chain of pages for an exchange that does not go on with it. */
export class CursorGuard {
  readonly #endpoint: ListEndpoint;
  readonly #seen = new Set<string>();
  #first: string | null;

  /** `firstKey`: the very first item of the chain, when going on from a saved cursor. */
  constructor(endpoint: ListEndpoint, firstKey: string | null) {
    this.#endpoint = endpoint;
    this.#first = firstKey;
  }

  /** Key of the chain's very first item, to be saved with its cursor. */
  get firstKey(): string | null {
    return this.#first;
  }

  /** Checks the page that answered a cursor, "" for the first. @throws KalshiError `CURSOR_REPEATED` */
  check(cursor: string, page: Page): void {
    const head = keyOf(this.#endpoint, page.items[0]);
    if (cursor !== "" && this.#first !== null && head === this.#first)
      throw repeated(this.#endpoint, "the exchange started over with page one");
    this.#first ??= head;
    if (page.cursor !== "" && this.#seen.has(page.cursor)) throw repeated(this.#endpoint, "the same cursor came twice");
    this.#seen.add(page.cursor);
  }
}

/** The key of one item of a list, or null. */
export function keyOf(endpoint: ListEndpoint, item: unknown): string | null {
  if (typeof item !== "object" || item === null) return null;
  const key = (item as Readonly<Record<string, unknown>>)[endpoint.key];
  return typeof key === "string" ? key : null;
}

function readPage(endpoint: ListEndpoint, answer: unknown): Page {
  const body = (typeof answer === "object" && answer !== null ? answer : {}) as Readonly<Record<string, unknown>>;
  const items = body[endpoint.list];
  const cursor = body.cursor ?? "";
  if (typeof cursor === "string" && (Array.isArray(items) || items === null))
    return { items: (items as unknown[] | null) ?? [], cursor, answer: body };
  throw new KalshiError("BAD_RESPONSE", `GET ${endpoint.path}: no list \`${endpoint.list}\` in the answer`, {
    hint: "the exchange may have changed its shape; update this library",
    context: { path: endpoint.path, keys: Object.keys(body) },
  });
}

function repeated(endpoint: ListEndpoint, what: string): KalshiError {
  return new KalshiError("CURSOR_REPEATED", `GET ${endpoint.path}: ${what}`, {
    hint: "start the download anew: remove its .partial folder",
    context: { path: endpoint.path },
  });
}
