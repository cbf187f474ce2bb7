import type { ApiRequest, Client, QueryValues } from "../client/http.js";
import { type ListEndpoint, pages } from "../client/pages.js";
import { KalshiError } from "../errors.js";
import { type ArgumentsOf, type Parameters, writeArguments } from "./parameter.js";
import type { Shape } from "./shape.js";
import { leavesOpen, uncertain } from "./uncertain.js";

/** How the pages of a list are asked for and told apart. */
export type Paging = Omit<ListEndpoint, "path" | "access">;

/** A list that comes whole, in one answer, and is too long to be waited for. */
export interface Catalogue<I> {
  /** Key of the items in the answer. */
  readonly list: string;
  /** Field that tells items apart. */
  readonly key: string;
  readonly item: Shape<I>;
}

type None = Readonly<Record<never, never>>;

/** One REST operation as the exchange describes it: what it takes, what it answers, whether it needs a key. */
export interface OperationSpec<P extends Parameters, Q extends Parameters, B extends Parameters, A, I = unknown> {
  /** The specification's `operationId`. */
  readonly id: string;
  readonly method: NonNullable<ApiRequest["method"]>;
  /** Below the base URL, parameters in braces: `/markets/{ticker}`. */
  readonly path: string;
  readonly access: ApiRequest["access"];
  /** Parameters in the path. */
  readonly inPath?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: Shape<A>;
  /** Of a paged list: how its pages are followed. */
  readonly list?: Paging;
  /** Of an answer that is one long list: where its items are, to be read while it arrives. */
  readonly catalogue?: Catalogue<I>;
  /** Of a batch: the list in its body, each item of which costs as much as a request of one. */
  readonly itemsIn?: string;
  /** Places, changes or withdraws orders, moves money, or changes keys: never tried twice, and only where trading is allowed. */
  readonly writes?: boolean;
}

/** What a caller gives an operation: parameters of path, query and body together, under the exchange's own names. */
export type OperationArguments<P extends Parameters, Q extends Parameters, B extends Parameters> = ArgumentsOf<P> &
  ArgumentsOf<Q> &
  ArgumentsOf<B>;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

type PagesArguments<T> = T extends { readonly limit: number }
  ? Omit<T, "limit"> & { readonly limit?: number | undefined }
  : T;

type Rest<T> = None extends T ? [args?: T, options?: CallOptions] : [args: T, options?: CallOptions];

/** A REST operation as a function of a client. Amounts of its records are integers: micro-dollars, hundredths of contracts, microseconds. */
export interface Operation<T = never, A = unknown> {
  (client: Client, ...rest: Rest<T>): Promise<A>;
  readonly spec: OperationSpec<Parameters, Parameters, Parameters, A>;
  /** Answers of a paged operation, one after the other, until its cursor is empty; each as large as can be unless a limit is given. */
  pages(client: Client, ...rest: Rest<PagesArguments<T>>): AsyncGenerator<A>;
}

/** What an operation has besides when its answer is one long list. */
export interface ItemsOf<T, I> {
  /**
   * The items one by one while the answer arrives, which is never held as a whole. An answer that breaks off is asked for again, and each item
   * comes once. What stands beside the list is not given.
   */
  items(client: Client, ...rest: Rest<T>): AsyncGenerator<I, void>;
}

/**
 * Makes the function of an operation.
 *
 * It throws KalshiError `TRADING_DISABLED` and `BAD_ARGUMENT` before anything is sent, `BAD_RECORD` or `LEGACY_FIELDS` for an answer of
 * unknown shape, and what {@link Client.json} throws; of an operation that changes something with `uncertain: true` in the context where
 * nobody here knows whether the exchange has acted.
 */
export function operation<
  A,
  P extends Parameters = None,
  Q extends Parameters = None,
  B extends Parameters = None,
  I = never,
>(spec: OperationSpec<P, Q, B, A, I>): Made<OperationArguments<P, Q, B>, A, I> {
  const call = async (client: Client, args: Arguments = {}, options: CallOptions = {}): Promise<A> => {
    if (spec.writes === true && !client.writes) throw onlyReads(spec.id);
    const request = { ...requestOf(spec, args), signal: options.signal };
    try {
      return spec.answer.parse(await client.json(request), spec.id);
    } catch (error) {
      throw spec.writes === true && leavesOpen(error) ? uncertain(error) : error;
    }
  };
  async function* follow(client: Client, args: Arguments = {}, options: CallOptions = {}): AsyncGenerator<A> {
    if (spec.list === undefined) {
      yield await call(client, args, options);
      return;
    }
    const { sizeIn = "limit", maxLimit } = spec.list;
    const { path, access, query = {} } = requestOf(spec, { [sizeIn]: maxLimit, ...args });
    const { [sizeIn]: limit, cursor, ...filters } = query;
    const start = { limit: limit as number, cursor: cursor as string | undefined, signal: options.signal };
    for await (const page of pages(client, { ...spec.list, path, access }, filters, start)) {
      // The whole answer: what stands beside the list must not be lost.
      yield spec.answer.parse(page.answer, spec.id);
    }
  }
  async function* items(
    { list, key, item }: Catalogue<I>,
    client: Client,
    args: Arguments = {},
    options: CallOptions = {},
  ) {
    const request = { ...requestOf(spec, args), signal: options.signal };
    for await (const some of client.items(request, list, key)) for (const raw of some) yield item.parse(raw, spec.id);
  }
  const { catalogue } = spec;
  return Object.assign(call, {
    spec,
    pages: follow,
    ...(catalogue === undefined ? {} : { items: items.bind(null, catalogue) }),
  }) as unknown as Made<OperationArguments<P, Q, B>, A, I>;
}

/** An operation, with its items where it has a catalogue. */
type Made<T, A, I> = Operation<T, A> & ([I] extends [never] ? unknown : ItemsOf<T, I>);

function onlyReads(id: string): KalshiError {
  return new KalshiError("TRADING_DISABLED", `${id}: this connection only reads`, {
    hint: "connect({ trading: true }) allows orders on a real account; the sandbox always does",
    context: { operation: id },
  });
}

type AnySpec = OperationSpec<Parameters, Parameters, Parameters, unknown>;

type Arguments = Readonly<Record<string, unknown>>;

function requestOf(spec: AnySpec, args: Arguments): ApiRequest {
  const { inPath = {}, query = {}, body = {} } = spec;
  const written = writeArguments(spec.id, { ...inPath, ...query, ...body }, args);
  const pick = (names: Parameters) => Object.fromEntries(Object.entries(written).filter(([name]) => name in names));
  const path = spec.path.replace(/\{(\w+)\}/g, (_, name: string) => inPathAs(spec.id, name, String(written[name])));
  const hasBody = spec.body !== undefined;
  const batch = spec.itemsIn === undefined ? undefined : written[spec.itemsIn];
  return {
    method: spec.method,
    path,
    access: spec.access,
    query: pick(query) as QueryValues,
    ...(hasBody ? { body: pick(body) } : {}),
    ...(Array.isArray(batch) ? { items: batch.length } : {}),
  };
}

/** One part of a path. Dots alone would lead to another endpoint than the one that is signed. @throws KalshiError `BAD_ARGUMENT` */
function inPathAs(operation: string, name: string, value: string): string {
  if (!/^\.+$/.test(value)) return encodeURIComponent(value);
  throw new KalshiError("BAD_ARGUMENT", `${operation}: ${name} cannot be ${JSON.stringify(value)}`, {
    hint: `give the ${name} as the exchange writes it`,
    context: { operation, name, found: value },
  });
}
