import { Agent, request as httpRequest } from "node:http";
import type { Sandbox } from "../../src/sandbox/sandbox.js";
import { Random } from "../../src/sandbox/world/random.js";
import { inOrder } from "./in-order.js";
import { complaints } from "./openapi.js";
import { signedHeaders } from "./sandbox-call.js";
import { type SpecifiedOperation, specifiedOperations } from "./specified-operations.js";
import { bodyFor } from "./walk-bodies.js";
import { Pools } from "./walk-pools.js";

/** Operations that the sandbox does not serve, by the part of the API that they belong to: requests for quotes, and clearing members. */
export const outOfScope = /^\/(communications|fcm)\//;

/** Answers that differ from the specification because the wire does, by operation. */
const differing: Readonly<Record<string, RegExp>> = {
  // API, "other public objects": game statistics are null for what is no game; the specification's object knows no null.
  GetGameStats: /^\/pbp must be object/,
};

/** What a walk over all operations came to. */
export interface Walked {
  /** How often each operation was answered with success, and how often refused. */
  readonly answered: ReadonlyMap<string, { done: number; refused: number }>;
  /** What was wrong with answers, each with the request that got it. */
  readonly wrong: readonly string[];
  readonly statuses: ReadonlyMap<number, number>;
}

/** Every operation that a walk asks. */
export function walkedOperations(): readonly SpecifiedOperation[] {
  return specifiedOperations().filter(({ path }) => !outOfScope.test(path));
}

/**
 * Asks every operation as it should be asked until it has answered, then so many at random with good and bad parameters, over real HTTP, and holds every
 * body against the specification: those of success against their schema, those of refusal against the shapes that there are.
 */
export async function walk(sandbox: Sandbox, { seed, steps }: { seed: string; steps: number }): Promise<Walked> {
  const random = new Random(`walk/${seed}`);
  const walker = new Walker(sandbox, random);
  await walker.pools.fill((path) => walker.ask("GET", path));
  const operations = walkedOperations();
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  // What a path names has to be made first.
  const make = async ({ inPath }: SpecifiedOperation) => {
    const making = inPath.map(({ name }) => byId.get(makers[name] ?? "")).find((one) => one !== undefined);
    if (making !== undefined) await walker.step(making, { isPlain: true });
  };
  for (const operation of operations) {
    // Books move meanwhile: an order that was to rest may be taken before it is asked for.
    for (let tries = 3; tries > 0 && (walker.answered.get(operation.id)?.done ?? 0) === 0; tries -= 1) {
      await make(operation);
      await walker.step(operation, { isPlain: true });
    }
  }
  for (let i = 0; i < steps; i += 1) {
    const operation = random.pick(operations);
    if (random.chance(0.4)) await make(operation);
    await walker.step(operation, { isPlain: false });
  }
  walker.close();
  return { answered: walker.answered, wrong: walker.wrong, statuses: walker.statuses };
}

/** Which operation makes what a parameter of a path names. */
const makers: Readonly<Record<string, string>> = {
  order_id: "CreateOrderV2",
  order_group_id: "CreateOrderGroup",
  api_key: "GenerateApiKey",
  transfer_id: "IntraExchangeInstanceTransfer",
};

interface Asked {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

class Walker {
  readonly answered = new Map<string, { done: number; refused: number }>();
  readonly wrong: string[] = [];
  readonly statuses = new Map<number, number>();
  readonly pools: Pools;
  readonly #sandbox: Sandbox;
  readonly #random: Random;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(sandbox: Sandbox, random: Random) {
    this.#sandbox = sandbox;
    this.#random = random;
    this.pools = new Pools(random, sandbox.ready.now);
  }

  close(): void {
    this.#agent.destroy();
  }

  async step(operation: SpecifiedOperation, { isPlain }: { isPlain: boolean }): Promise<void> {
    const { method } = operation;
    const path = this.#path(operation, isPlain);
    const query = this.#query(operation, isPlain);
    const isSigned = operation.signed ? isPlain || !this.#random.chance(0.04) : this.#random.chance(0.9);
    const body = bodyFor(operation.id, this.pools, isPlain);
    const target = `${path}${query === "" ? "" : `?${query}`}`;
    const asked = await this.ask(method, target, { isSigned, body });
    this.#judge(operation, `${method} ${target} ${body === undefined ? "" : JSON.stringify(body)}`, asked);
    this.pools.learn(operation.id, asked.status, asked.body, path);
  }

  ask(
    method: string,
    target: string,
    { isSigned = true, body }: { readonly isSigned?: boolean; readonly body?: unknown } = {},
  ): Promise<Asked> {
    const url = new URL(this.#sandbox.ready.rest_url + target);
    const key = { id: this.#sandbox.ready.key_id, pem: this.#sandbox.privateKey };
    const text = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(isSigned ? signedHeaders(key, method, url.pathname) : {}),
      ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const request = httpRequest(url, { method, headers, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, text, body: text === "" ? undefined : parsed(text) });
        });
      });
      request.on("error", reject);
      request.end(text);
    });
  }

  #path({ path, inPath }: SpecifiedOperation, isPlain: boolean): string {
    const values = new Map(inPath.map(({ name }) => [name, this.pools.inPath(name, path, isPlain)]));
    const series = values.get("ticker")?.split("-", 1)[0];
    // Mostly the series that the ticker is of.
    if (series && values.has("series_ticker") && !this.#random.chance(0.15)) values.set("series_ticker", series);
    return [...values].reduce((text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)), path);
  }

  #query({ id, query }: SpecifiedOperation, isPlain: boolean): string {
    const parts: string[] = [];
    // Of an operation with many parameters few at once, for some exclude each other.
    const share = Math.min(0.3, 1.5 / query.length);
    for (const parameter of query) {
      const isGiven = parameter.required
        ? isPlain || !this.#random.chance(0.05)
        : !isPlain && this.#random.chance(share);
      if (!isGiven) continue;
      for (const value of this.pools.inQuery(parameter, id, isPlain)) {
        parts.push(`${parameter.name}=${encodeURIComponent(value)}`);
      }
    }
    return parts.join("&");
  }

  #judge({ id, method, path }: SpecifiedOperation, what: string, { status, text, body }: Asked): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const count = this.answered.get(id) ?? { done: 0, refused: 0 };
    this.answered.set(id, count);
    const note = (wrong: string) => this.wrong.push(`${what} → ${status}: ${wrong}`);
    if (body !== undefined && text !== JSON.stringify(inOrder(body))) note("keys are out of order");
    if (status >= 200 && status < 300) {
      count.done += 1;
      const found = body === undefined ? emptyComplaints(method, path, status) : complaints(method, path, status, body);
      for (const one of found) if (!differing[id]?.test(one)) note(one);
      return;
    }
    count.refused += 1;
    if (!REFUSALS.has(status)) note(`no refusal is expected to have this status: ${text}`);
    else if (!isRefusal(status, body)) note(`no shape of a refusal: ${text}`);
  }
}

const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 409, 429]);

/** Whether a body is one of the shapes that refusals have: the usual one, the flat one, the one of a parameter, or the bare text. */
export function isRefusal(status: number, body: unknown): boolean {
  if (!isRecord(body)) return false;
  if (hasOnly(body, ["msg"])) return status === 400 && typeof body.msg === "string";
  if (hasOnly(body, ["code", "details", "message"])) return status === 400 && Object.values(body).every(isText);
  if (!hasOnly(body, ["error"])) return false;
  const { error } = body;
  if (typeof error === "string") return status === 429;
  if (!isRecord(error) || !isText(error.code) || !isText(error.message)) return false;
  return Object.entries(error).every(([key, value]) => ["code", "details", "message"].includes(key) && isText(value));
}

/** Where a body is missing, the specification must know of none. */
function emptyComplaints(method: string, path: string, status: number): readonly string[] {
  try {
    return complaints(method, path, status, undefined);
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function hasOnly(value: Record<string, unknown>, keys: readonly string[]): boolean {
  return Object.keys(value).sort().join() === keys.join();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
