import { Agent, request as send } from "undici";
import { type ErrorCode, KalshiError, messageOf, systemCode } from "../errors.js";
import { readRefusal, refusalError } from "./answer.js";
import { type BucketSize, type Reservation, TokenBucket } from "./rate-limit.js";
import { defaultRetry, type RetryPolicy, type Verdict, withRetry } from "./retry.js";
import type { Signer } from "./signing.js";

/** Values of a query string; undefined is left out, a list repeats the parameter. */
export type QueryValues = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base URL: `/markets/trades`. */
  readonly path: string;
  readonly query?: QueryValues | undefined;
  readonly body?: unknown;
  /** Whether the endpoint needs a signature. Public ones are signed too when there is a key: the account's limit is the larger. */
  readonly access: "public" | "signed";
  /** Tokens; by default what `/account/endpoint_costs` says. */
  readonly cost?: number | undefined;
  /** Tokens taken ahead for the first try, by {@link TokenBucket.reserve}; given back when the request is not sent. */
  readonly reserved?: Reservation | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ClientOptions {
  /** With the prefix: `https://…/trade-api/v2`. */
  readonly baseUrl: string;
  readonly signer?: Signer | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly timeoutMs?: number | undefined;
  /** Whether orders, money and keys may be changed through it; not unless said. */
  readonly writes?: boolean | undefined;
}

/** What a client has done so far. */
export interface Usage {
  requests: number;
  retries: number;
  /** Answers 429. */
  limited: number;
  /** Tokens spent on reads. */
  tokens: number;
  bytes: number;
}

/** What is assumed before `/account/limits` has answered: the lowest tier. */
const LOWEST_READ: BucketSize = { capacity: 200, refillRate: 200 };
const LOWEST_WRITE: BucketSize = { capacity: 100, refillRate: 100 };
/** Unsigned calls are limited by address, undocumented; about five a second are safe. @see API: 4.5 */
const UNSIGNED: BucketSize = { capacity: 50, refillRate: 50 };
const DEFAULT_COST = 10;
const CONNECTIONS = 32;

/**
 * Carries requests to one exchange for one account: signs, keeps to the token buckets, tries again what may be tried again, and turns
 * every failure into a {@link KalshiError}. Knows no markets.
 */
export class Client {
  readonly baseUrl: string;
  readonly signer: Signer | null;
  /** Whether operations that change orders, money or keys are sent; they ask here. */
  readonly writes: boolean;
  readonly usage: Usage = { requests: 0, retries: 0, limited: 0, tokens: 0, bytes: 0 };
  readonly read: TokenBucket;
  readonly write: TokenBucket;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #agent: Agent;
  readonly #retry: RetryPolicy;
  readonly #closed = new AbortController();
  #costs: ReadonlyMap<string, number> = new Map();
  #clockOffsetMs: number | null = null;

  /** @throws KalshiError `KEY_WRONG_HOST` when a key would travel in the clear, `BAD_ARGUMENT` */
  constructor(options: ClientOptions) {
    const url = readUrl(options.baseUrl);
    if (options.signer !== undefined && url.protocol !== "https:" && !isLoopback(url.hostname)) {
      throw new KalshiError("KEY_WRONG_HOST", `a signed request would travel in the clear to ${url.hostname}`, {
        hint: "use https, or leave out the key",
        context: { host: url.hostname, protocol: url.protocol },
      });
    }
    this.baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, "");
    this.signer = options.signer ?? null;
    this.writes = options.writes === true;
    this.read = new TokenBucket(this.signer === null ? UNSIGNED : LOWEST_READ);
    this.write = new TokenBucket(LOWEST_WRITE);
    this.#retry = { ...defaultRetry, ...options.retry };
    const timeout = options.timeoutMs ?? 15_000;
    this.#agent = new Agent({
      connections: CONNECTIONS,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: { timeout },
    });
  }

  /** How far the exchange's clock is ahead of ours, from its `Date` header; null before the first answer. */
  get clockOffsetMs(): number | null {
    return this.#clockOffsetMs;
  }

  /** Tokens a request costs. */
  costOf(method: string, path: string): number {
    if (this.#costs.size === 0) return DEFAULT_COST;
    return this.#costs.get(costKey(method, path)) ?? DEFAULT_COST;
  }

  /**
   * Fills the buckets and the costs from what the exchange says of this account.
   *
   * @param share - our part of the buckets, where other programs spend from them too
   * @see GET /account/limits, GET /account/endpoint_costs
   */
  async learnLimits(share = 1, signal?: AbortSignal): Promise<void> {
    if (this.signer === null) return;
    const limits = await this.json({ path: "/account/limits", access: "signed", signal });
    const read = bucketSize(limits, "read", share);
    const write = bucketSize(limits, "write", share);
    if (read !== null) this.read.resize(read);
    if (write !== null) this.write.resize(write);
    this.#costs = endpointCosts(await this.json({ path: "/account/endpoint_costs", access: "public", signal }));
  }

  /**
   * Sends a request and gives the parsed body of its answer; null for an empty one.
   *
   * GETs are tried again after 429, 5xx, resets, timeouts and answers that are no JSON; writes only after 429, which the exchange
   * answers before it does anything.
   *
   * @throws KalshiError `KEY_MISSING`, `KEY_REFUSED`, `KEY_UNKNOWN`, `CLOCK_OFF`, `FORBIDDEN`, `NOT_FOUND`, `REQUEST_REFUSED`,
   * `RATE_LIMITED`, `SERVER_FAILED`, `UNREACHABLE`, `TIMED_OUT`, `BAD_RESPONSE`, `INTERRUPTED`
   */
  async json(request: ApiRequest): Promise<unknown> {
    const method = request.method ?? "GET";
    if (request.access === "signed" && this.signer === null) {
      throw new KalshiError("KEY_MISSING", `${method} ${request.path} needs a signed request, and there is no key`, {
        hint: "set KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH, or pass keyId and privateKeyPath to connect()",
        context: { method, path: request.path },
      });
    }
    const judge = (error: unknown): Verdict => this.#judge(error, method);
    const closed = this.#closed.signal;
    const signal = request.signal === undefined ? closed : AbortSignal.any([request.signal, closed]);
    try {
      return await withRetry(() => this.#try(request, method, signal), judge, this.#retry, signal);
    } catch (error) {
      throw signal.aborted ? interrupted(error) : error;
    }
  }

  /** Ends what is under way, which then fails with `INTERRUPTED`. */
  async close(): Promise<void> {
    this.#closed.abort(new Error("the client was closed"));
    await this.#agent.destroy();
  }

  async #try(request: ApiRequest, method: string, signal: AbortSignal): Promise<unknown> {
    const bucket = method === "GET" ? this.read : this.write;
    const cost = request.cost ?? this.costOf(method, request.path);
    if (request.reserved?.use() !== true) await bucket.take(cost, signal);
    this.usage.requests += 1;
    if (bucket === this.read) this.usage.tokens += cost;
    const path = this.#prefix + request.path;
    const headers: Record<string, string> = { accept: "application/json", "user-agent": "kalshi-lab" };
    if (this.signer !== null) Object.assign(headers, this.signer.headers(method, path, Date.now()));
    if (request.body !== undefined) headers["content-type"] = "application/json";
    let status: number;
    let text: string;
    try {
      const answer = await send(`${this.#origin}${path}${queryString(request.query)}`, {
        dispatcher: this.#agent,
        method: method as "GET",
        headers,
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
      });
      bucket.answered();
      this.#measureClock(answer.headers.date);
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      throw this.#transportError(error, method, request.path);
    }
    this.usage.bytes += Buffer.byteLength(text);
    const body = parseBody(text);
    if (status >= 200 && status < 300) {
      if (body !== undefined) return body;
      throw new KalshiError(
        "BAD_RESPONSE",
        `${method} ${request.path}: the answer is no JSON: ${JSON.stringify(text.slice(0, 60))}`,
        {
          hint: "a proxy may stand between; check the base URL",
          context: { method, path: request.path, status, length: text.length },
        },
      );
    }
    if (status === 429) {
      this.usage.limited += 1;
      bucket.refused();
    }
    throw refusalError(readRefusal(status, body), { method, path: request.path, clockOffsetMs: this.#clockOffsetMs });
  }

  #judge(error: unknown, method: string): Verdict {
    if (!(error instanceof KalshiError)) return { retry: false };
    const again = error.code === "RATE_LIMITED" || (method === "GET" && repeatable.has(error.code));
    if (!again) return { retry: false };
    this.usage.retries += 1;
    // After a 429 our count of the bucket is set to empty, so the next take waits as long as it must. Refused again, another program
    // spends from the same account, and there is nothing for it but to give way.
    return { retry: true, patient: error.code === "RATE_LIMITED" };
  }

  #measureClock(date: string | string[] | undefined): void {
    const theirs = typeof date === "string" ? Date.parse(date) : Number.NaN;
    // The header has whole seconds, so on average half of one has passed.
    if (!Number.isNaN(theirs)) this.#clockOffsetMs = theirs + 500 - Date.now();
  }

  #transportError(error: unknown, method: string, path: string): KalshiError {
    if (error instanceof KalshiError) return error;
    const code = systemCode(error);
    const context = { method, path, host: this.#origin, code };
    if (code !== null && /TIMEOUT|ETIMEDOUT/.test(code)) {
      return new KalshiError("TIMED_OUT", `${method} ${path}: no answer in time from ${this.#origin}`, {
        hint: "try again; the first answer of a rarely read series can take ten seconds",
        context,
        cause: error,
      });
    }
    return new KalshiError(
      "UNREACHABLE",
      `${method} ${path}: cannot reach ${this.#origin} (${code ?? messageOf(error)})`,
      {
        hint: "check the network, the host name, and that the sandbox still runs",
        context,
        cause: error,
      },
    );
  }
}

const repeatable: ReadonlySet<ErrorCode> = new Set(["UNREACHABLE", "TIMED_OUT", "SERVER_FAILED", "BAD_RESPONSE"]);

/** True for addresses that never leave the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "::1" || /^127\./.test(hostname);
}

function queryString(query: QueryValues | undefined): string {
  if (query === undefined) return "";
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === "object") for (const one of value) params.append(name, one);
    else params.append(name, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

function parseBody(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function bucketSize(limits: unknown, name: "read" | "write", share: number): BucketSize | null {
  const bucket = fieldOf(limits, name);
  const capacity = fieldOf(bucket, "bucket_capacity");
  const refillRate = fieldOf(bucket, "refill_rate");
  return typeof capacity === "number" && typeof refillRate === "number" && capacity > 0 && refillRate > 0
    ? { capacity: capacity * share, refillRate: refillRate * share }
    : null;
}

function endpointCosts(answer: unknown): ReadonlyMap<string, number> {
  const list = fieldOf(answer, "endpoint_costs");
  const costs = new Map<string, number>();
  for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
    const [method, path, cost] = [fieldOf(item, "method"), fieldOf(item, "path"), fieldOf(item, "cost")];
    if (typeof method !== "string" || typeof path !== "string" || typeof cost !== "number") continue;
    costs.set(`${method} ${path.replace(/^\/trade-api\/v2/, "").replace(/:[^/]+/g, ":")}`, cost);
  }
  return costs;
}

/** Paths of an order carry its id where the price list has a parameter. */
function costKey(method: string, path: string): string {
  return `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":")}`;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function readUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new KalshiError("BAD_ARGUMENT", `not a URL: ${JSON.stringify(text)}`, {
      hint: "give the base URL with its prefix, such as http://127.0.0.1:8080/trade-api/v2",
      context: { text },
      cause: error,
    });
  }
}

function interrupted(cause: unknown): KalshiError {
  return new KalshiError("INTERRUPTED", "interrupted", {
    hint: "what was saved so far is kept; run it again to go on",
    cause,
  });
}
