import { fieldOf } from "./answer.js";

/** Tokens of whatever the price list leaves out. @see API: 4.2 Cost */
export const DEFAULT_COST = 10;

/** The bucket that a request is billed to. */
export type BucketName = "read" | "write";

/** How closely one part of a listed path fits: what is written out goes before what may be anything. */
const EXACT = 0;
const ANYTHING = 1;
const THE_REST = 2;

interface Part {
  readonly fit: typeof EXACT | typeof ANYTHING | typeof THE_REST;
  readonly text: string;
}

interface Price {
  readonly method: string;
  readonly parts: readonly Part[];
  readonly cost: number;
}

/** What requests cost: the exceptions that `/account/endpoint_costs` lists, and one cost for all others. */
export class PriceList {
  /** The closest fitting first. */
  readonly #prices: readonly Price[];
  readonly #usual: number;

  /** `answer`: what `/account/endpoint_costs` says; lines that cannot be read are left out. */
  constructor(answer: unknown = {}) {
    const listed = fieldOf(answer, "endpoint_costs");
    const usual = fieldOf(answer, "default_cost");
    this.#prices = (Array.isArray(listed) ? (listed as unknown[]) : [])
      .map(readPrice)
      .filter((price) => price !== null)
      .sort(byFit);
    this.#usual = typeof usual === "number" ? usual : DEFAULT_COST;
  }

  /** Tokens of one request, or of one item of a batch. `path` is below the base URL. */
  costOf(method: string, path: string): number {
    const parts = split(path);
    return this.#prices.find((price) => price.method === method && fits(price.parts, parts))?.cost ?? this.#usual;
  }
}

const WRITES: readonly RegExp[] = [
  /^\/portfolio\/(events\/)?orders(\/|$)/,
  /^\/portfolio\/order_groups(\/|$)/,
  /^\/communications\/(rfqs|quotes)(\/|$)/,
  /^\/communications\/block-trade-proposals\/[^/]+\/accept$/,
];

/**
 * The bucket of a request. Write is for order create, amend, decrease and cancel, order groups, RFQs and quotes, block-trade acceptance;
 * Read is for everything else, a POST that makes a key or moves money among it.
 *
 * @see API: 4.1 Buckets
 */
export function bucketOf(method: string, path: string): BucketName {
  return method !== "GET" && WRITES.some((pattern) => pattern.test(path)) ? "write" : "read";
}

function readPrice(line: unknown): Price | null {
  const [method, path, cost] = [fieldOf(line, "method"), fieldOf(line, "path"), fieldOf(line, "cost")];
  if (typeof method !== "string" || typeof path !== "string" || typeof cost !== "number" || !(cost >= 0)) return null;
  return { method: method.toUpperCase(), parts: split(path.replace(/^\/trade-api\/v\d+/, "")).map(readPart), cost };
}

function readPart(text: string): Part {
  if (text.startsWith("*")) return { fit: THE_REST, text };
  return { fit: text.startsWith(":") || text.startsWith("{") ? ANYTHING : EXACT, text };
}

function byFit(a: Price, b: Price): number {
  for (let at = 0; at < Math.min(a.parts.length, b.parts.length); at += 1) {
    const order = a.parts[at]!.fit - b.parts[at]!.fit;
    if (order !== 0) return order;
  }
  return b.parts.length - a.parts.length;
}

function fits(listed: readonly Part[], path: readonly string[]): boolean {
  if (listed.at(-1)?.fit === THE_REST ? path.length < listed.length : path.length !== listed.length) return false;
  return listed.every(({ fit, text }, at) => fit !== EXACT || text === path[at]);
}

function split(path: string): readonly string[] {
  return path
    .split("?", 1)[0]!
    .split("/")
    .filter((part) => part !== "");
}
