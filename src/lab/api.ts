import type { Client } from "../client/http.js";
import type { CallOptions, ItemsOf, Operation } from "../exchange/operation.js";
import { operations } from "../exchange/operations/all.js";

type Operations = typeof operations;

/** A function of a client, without the client. */
type Bound<F> = F extends (client: Client, ...rest: infer R) => infer A ? (...rest: R) => A : never;

/** One REST operation of a lab: call it for one answer, or `for await` over its `pages`; over the `items` of one that has them. */
export type BoundOperation<O extends { pages: unknown; spec: unknown }> = Bound<O> & {
  /** Answers of a paged operation, one after the other, until its cursor is empty. */
  readonly pages: Bound<O["pages"]>;
  /** What it takes and answers. */
  readonly spec: O["spec"];
} & (O extends { items: infer F }
    ? { /** Records one by one, while the one long answer arrives. */ readonly items: Bound<F> }
    : unknown);

/**
 * Every REST operation of the exchange, by the specification's `operationId` in lower camel case, with the exchange's own names for what it
 * takes:
 *
 * ```ts
 * const { markets } = await lab.api.getMarkets({ series_ticker: "KXHIGHNY", limit: 10 });
 * for await (const { trades } of lab.api.getTrades.pages({ ticker, min_ts: "2026-10-01" })) …
 * for await (const series of lab.api.getSeriesList.items()) … // the whole catalogue, which has no pages, without ever holding it
 * ```
 *
 * Answers are records in integers: micro-dollars, hundredths of contracts, microseconds since 1970; absent is null, and what this library
 * does not know stays in `extra`. Nothing is routed across the cutoff or merged: for that there are the lab's own methods.
 *
 * Those that place orders, move money or change keys are refused with KalshiError `TRADING_DISABLED` unless trading is allowed.
 */
export type Api = { readonly [N in keyof Operations]: BoundOperation<Operations[N]> };

/** The operations of a client. Each is bound when it is first asked for. */
export function apiOf(client: Client): Api {
  const api = {};
  for (const [name, operation] of Object.entries(operations as unknown as Readonly<Record<string, AnyOperation>>)) {
    let bound: unknown;
    Object.defineProperty(api, name, { enumerable: true, get: () => (bound ??= bind(client, operation)) });
  }
  return api as Api;
}

type AnyArguments = Readonly<Record<string, unknown>>;
type AnyOperation = Operation<AnyArguments> & Partial<ItemsOf<AnyArguments, unknown>>;

function bind(client: Client, operation: AnyOperation): unknown {
  type Rest = [args: AnyArguments, options?: CallOptions];
  const { items } = operation;
  return Object.assign((...rest: Rest) => operation(client, ...rest), {
    pages: (...rest: Rest) => operation.pages(client, ...rest),
    spec: operation.spec,
    ...(items === undefined ? {} : { items: (...rest: Rest) => items(client, ...rest) }),
  });
}
