import { type Dispatcher, request as send } from "undici";
import { KalshiError } from "../errors.js";
import { readText } from "./body.js";
import { cellSignal } from "./cell-signal.js";
import { openConnections, type Sending } from "./connections.js";
import { bucketOf, DEFAULT_COST, PriceList } from "./costs.js";
import {
  type Asked,
  canPass,
  interrupted,
  overCapacity,
  readBody,
  type Stage,
  transportError,
  unsent,
} from "./faults.js";
import { Gate } from "./gate.js";
import { joinLimits, type Limits, leaveLimits } from "./limits.js";
import { longList, openList } from "./long-list.js";
import type { Reservation, TokenBucket } from "./rate-limit.js";
import { defaultRetry, type RetryPolicy, type Verdict, withRetry } from "./retry.js";
import type { SignedHeaders, Signer } from "./signing.js";
import { requests } from "./told-requests.js";
import { queryString, readUrl } from "./url.js";

/** Values of a query string; undefined is left out, a list repeats the parameter. */
export type QueryValues = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base URL: `/markets/trades`. */
  readonly path: string;
  readonly query?: QueryValues | undefined;
  readonly body?: unknown;
  /**
   * Whether the endpoint needs a signature. Public ones are signed too when there is a key, since the account's limit is the larger, and never
   * with `unsigned`, which is billed to this address.
   */
  readonly access: "public" | "signed" | "unsigned";
  /** Tokens of the request, or of each of its items; by default what `/account/endpoint_costs` says. */
  readonly cost?: number | undefined;
  /** How many items a batch has: it costs as much as all of them. */
  readonly items?: number | undefined;
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
  /** Requests that were not the first try of what they asked. */
  retries: number;
  /** Answers 429. */
  limited: number;
  /** Tries that failed otherwise in a way that can pass: 5xx, resets, timeouts, answers that cannot be read. */
  failed: number;
  /** Tokens spent on reads. */
  tokens: number;
  bytes: number;
}

const CONNECTIONS = 128;
/** From this refill rate on, signatures are made beside the thread that asks; below it the way there and back would take longer. */
const SIGN_BESIDE_FROM = 2_000;

/**
 * Carries requests to one exchange for one account: signs, keeps to the token buckets, tries again what may be tried again, and turns
 * every failure into a {@link KalshiError}. Knows no markets.
 */
export class Client {
  readonly baseUrl: string;
  readonly signer: Signer | null;
  /** Whether operations that change orders, money or keys are sent; they ask here. */
  readonly writes: boolean;
  readonly usage: Usage = { requests: 0, retries: 0, limited: 0, failed: 0, tokens: 0, bytes: 0 };
  /** Of the account; without a key, of this address. Shared by the clients of one account in this process. */
  readonly read: TokenBucket;
  readonly write: TokenBucket;
  readonly #limits: Limits;
  readonly #unsigned: Limits;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #agent: Dispatcher;
  readonly #retry: RetryPolicy;
  /** A request is signed when a connection is free for it: a signature is good for seconds only. */
  readonly #gate = new Gate(CONNECTIONS);
  readonly #closed = new AbortController();
  readonly #signals = new WeakMap<AbortSignal, WeakMap<AbortSignal, AbortSignal>>();
  #clockOffsetMs: number | null = null;
  #roundTripMs: number | null = null;

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
    this.#unsigned = joinLimits(url.origin, null);
    this.#limits = joinLimits(url.origin, this.signer?.keyId ?? null);
    this.read = this.#limits.read;
    this.write = this.#limits.write;
    this.#retry = { ...defaultRetry, ...options.retry };
    this.#agent = openConnections({
      connections: CONNECTIONS,
      timeoutMs: options.timeoutMs ?? 15_000,
      onOpened: (ms) => {
        for (const bucket of [this.read, this.write, this.#unsigned.read]) bucket.opened(ms);
      },
    });
  }

  /** How far the exchange's clock is ahead of ours, from its `Date` header; null before the first answer. */
  get clockOffsetMs(): number | null {
    return this.#clockOffsetMs;
  }

  /** From a request to the head of its answer, a mean in which the last ones count most; null before the first answer. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** Tokens a request costs; of a batch, each item. */
  costOf(method: string, path: string): number {
    return this.#limits.prices.costOf(method, path);
  }

  /**
   * Fills the buckets and the costs from what the exchange says of this account.
   *
   * @param share - our part of the buckets, where other programs spend from them too
   * @see GET /account/limits, GET /account/endpoint_costs
   */
  async learnLimits(share = 1, signal?: AbortSignal): Promise<void> {
    if (this.signer === null) return;
    this.#limits.learn(await this.json({ path: "/account/limits", access: "signed", signal }), share);
    this.#limits.prices = new PriceList(await this.json({ path: "/account/endpoint_costs", access: "public", signal }));
  }

  /**
   * Sends a request and gives the parsed body of its answer; null for an empty one.
   *
   * GETs are tried again after 429, 5xx, resets, timeouts and answers that are no JSON; all else only after 429, which the exchange answers
   * before it does anything. An error tells in its context how many `tries` there were, and with `sent: false` that nothing left this machine,
   * or nothing that was not refused with a 429.
   *
   * @throws KalshiError `KEY_MISSING`, `KEY_REFUSED`, `KEY_UNKNOWN`, `CLOCK_OFF`, `FORBIDDEN`, `NOT_FOUND`, `REQUEST_REFUSED`,
   * `RATE_LIMITED`, `OVER_CAPACITY`, `SERVER_FAILED`, `UNREACHABLE`, `TIMED_OUT`, `BAD_RESPONSE`, `INTERRUPTED`
   */
  async json(request: ApiRequest): Promise<unknown> {
    return this.#run(request, async (answer, asked) => readBody(await readText(answer, this.#count), asked));
  }

  /**
   * Sends a request whose answer has one long list, and gives the list's items while they arrive, some at a time: the answer is never held as a
   * whole. Tried again like {@link json} until the first items have come, and with the field that tells items apart (`key`) also when the answer
   * breaks off behind them: those that were given do not come again.
   *
   * @throws KalshiError what {@link json} throws, `BAD_RESPONSE` where the answer has no such list. When it fails for good after some items were
   * given, the error says so, and `context.items` how many.
   */
  items(request: ApiRequest, list: string, key?: string): AsyncGenerator<readonly unknown[], void> {
    const open = () => this.#run(request, (answer, asked) => openList(answer, asked, list, this.#count));
    const onAgain = (): void => {
      this.usage.failed += 1;
      this.usage.retries += 1;
    };
    return longList(open, { key, policy: this.#retry, signal: this.#signalOf(request.signal), onAgain });
  }

  /** Ends what is under way, which then fails with `INTERRUPTED`. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new Error("the client was closed"));
    leaveLimits(this.#origin, null);
    leaveLimits(this.#origin, this.signer?.keyId ?? null);
    await this.#agent.destroy();
  }

  async #run<T>(request: ApiRequest, read: (answer: Answer, asked: Asked) => Promise<T>): Promise<T> {
    const signal = this.#signalOf(request.signal);
    const sending: Sending = { handed: false, tokens: null };
    try {
      const call = { ...(await this.#prepare(request)), sending };
      return await withRetry(
        {
          prepare: () => this.#takeTokens(call, signal),
          attempt: (tokens, number) => this.#try(call, tokens, number, signal, read),
          judge: (error) => (signal.aborted ? { retry: false } : this.#judge(error, call.method)),
        },
        this.#retry,
        signal,
      );
    } catch (error) {
      const failure = signal.aborted ? interrupted(error) : error;
      throw sending.handed ? failure : unsent(failure);
    } finally {
      request.reserved?.release();
    }
  }

  readonly #count = (bytes: number): void => {
    this.usage.bytes += bytes;
  };

  /** @throws KalshiError `KEY_MISSING`, `OVER_CAPACITY` */
  async #prepare(request: ApiRequest): Promise<Omit<Call, "sending">> {
    const { path } = request;
    const method = request.method ?? "GET";
    if (request.access === "signed" && this.signer === null) {
      throw new KalshiError("KEY_MISSING", `${method} ${path} needs a signed request, and there is no key`, {
        hint: "set KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH, or pass keyId and privateKeyPath to connect()",
        context: { method, path },
      });
    }
    const signer = request.access === "unsigned" ? null : this.signer;
    // An address is limited by requests, whatever they ask.
    if (signer === null) return { request, method, signer, bucket: this.#unsigned.read, cost: DEFAULT_COST };
    const name = bucketOf(method, path);
    const items = Math.max(1, request.items ?? 1);
    const costNow = (): number => (request.cost ?? this.costOf(method, path)) * items;
    if (!this.#limits.known && costNow() > capacityOf(this[name])) await this.learnLimits(1, request.signal);
    const cost = costNow();
    const capacity = capacityOf(this[name]);
    if (cost > capacity) throw overCapacity({ method, path }, { bucket: name, items, cost, capacity });
    return { request, method, signer, bucket: this[name], cost };
  }

  async #takeTokens({ request, bucket, cost }: Call, signal: AbortSignal): Promise<Reservation> {
    const tokens = request.reserved?.use() === true ? request.reserved : await bucket.reserve(cost, signal);
    await this.#gate.enter();
    return tokens;
  }

  async #try<T>(
    { request, method, signer, bucket, cost, sending }: Call,
    tokens: Reservation,
    number: number,
    signal: AbortSignal,
    read: (answer: Answer, asked: Asked) => Promise<T>,
  ): Promise<T> {
    this.usage.requests += 1;
    if (number > 1) this.usage.retries += 1;
    if (bucket !== this.write || signer === null) this.usage.tokens += cost;
    const path = this.#prefix + request.path;
    const asked = (): Asked => ({ method, path: request.path, host: this.#origin, clockOffsetMs: this.#clockOffsetMs });
    let answering = false;
    const stage = (): Stage => (answering ? "answering" : sending.handed ? "sent" : "unsent");
    sending.handed = false;
    sending.tokens = tokens;
    const begun = performance.now();
    let status: number | null = null;
    try {
      const headers: Record<string, string> = { accept: "application/json", "user-agent": "kalshi-lab" };
      if (signer !== null) Object.assign(headers, await this.#sign(signer, method, path));
      if (request.body !== undefined) headers["content-type"] = "application/json";
      const sentAt = performance.now();
      const answer = await send(`${this.#origin}${path}${queryString(request.query)}`, {
        dispatcher: this.#agent,
        method: method as "GET",
        headers,
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
        opaque: sending,
      });
      answering = true;
      status = answer.statusCode;
      this.#measureClock(answer.headers.date);
      this.#measureRoundTrip(performance.now() - sentAt);
      if (answer.statusCode === 429) {
        this.usage.limited += 1;
        // The exchange refuses so before it does anything: as good as not sent.
        sending.handed = false;
        tokens.refused();
      }
      tokens.answered();
      return await read(answer, asked());
    } catch (error) {
      throw transportError(error, asked(), stage());
    } finally {
      if (requests.hasSubscribers) {
        const told = { method, path: `${request.path}${queryString(request.query)}`, status, number, cost };
        requests.publish({ ...told, ms: performance.now() - begun });
      }
      tokens.answered();
      this.#gate.leave();
    }
  }

  #sign(signer: Signer, method: string, path: string): SignedHeaders | Promise<SignedHeaders> {
    const beside = this.read.size.refillRate >= SIGN_BESIDE_FROM;
    return beside ? signer.headersAsync(method, path, Date.now()) : signer.headers(method, path, Date.now());
  }

  #judge(error: unknown, method: string): Verdict {
    if (!(error instanceof KalshiError)) return { retry: false };
    // After a 429 our count of the bucket is set to empty, so the next try waits as long as it must. Refused again, another program
    // spends from the same account, and there is nothing for it but to give way.
    if (error.code === "RATE_LIMITED") return { retry: true, patient: true };
    if (!canPass(error)) return { retry: false };
    this.usage.failed += 1;
    return method === "GET" ? { retry: true } : { retry: false };
  }

  /** Set off by the caller, by an interrupted cell of a notebook in which he calls, and by `close`. */
  #signalOf(signal: AbortSignal | undefined): AbortSignal {
    return this.#joined(this.#joined(this.#closed.signal, signal), cellSignal());
  }

  /** Made once for the thousands of requests that have the same two. */
  #joined(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
    if (other === undefined) return one;
    const known = this.#signals.get(one) ?? new WeakMap<AbortSignal, AbortSignal>();
    this.#signals.set(one, known);
    const joined = known.get(other) ?? AbortSignal.any([one, other]);
    known.set(other, joined);
    return joined;
  }

  #measureRoundTrip(took: number): void {
    this.#roundTripMs = this.#roundTripMs === null ? took : this.#roundTripMs + (took - this.#roundTripMs) / 8;
  }

  #measureClock(date: string | string[] | undefined): void {
    const theirs = typeof date === "string" ? Date.parse(date) : Number.NaN;
    // The header has whole seconds, so on average half of one has passed.
    if (!Number.isNaN(theirs)) this.#clockOffsetMs = theirs + 500 - Date.now();
  }
}

type Answer = Dispatcher.ResponseData<unknown>;

/** A request, and what it takes. */
interface Call {
  readonly request: ApiRequest;
  readonly method: string;
  readonly signer: Signer | null;
  readonly bucket: TokenBucket;
  readonly cost: number;
  readonly sending: Sending;
}

/** What the exchange lets the whole account spend at once. */
function capacityOf({ size }: TokenBucket): number {
  return size.whole ?? size.capacity;
}

/** True for addresses that never leave the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "::1" || /^127\./.test(hostname);
}
