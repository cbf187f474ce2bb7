import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../errors.js";
import { deliver, isLost } from "../faults/deliver.js";
import type { FaultInjector, Injected } from "../faults/fault-injector.js";
import { createBoundedServer } from "../http-limits.js";
import type { AccountRef, Reply, Route, SandboxRequest, World } from "../types.js";
import { notFound, Refused, refusal, tooManyRequests, undecodable } from "../wire/replies.js";
import type { KeyGrant } from "./api-key.js";
import type { Keyring } from "./auth.js";
import { guard } from "./key-guard.js";
import type { Limits } from "./limits.js";
import type { Match, Router } from "./router.js";
import type { Stats } from "./stats.js";

/** Where the REST surface begins; part of what is signed. */
export const REST_PREFIX = "/trade-api/v2";
/** Where the socket is. */
export const SOCKET_PATH = "/trade-api/ws/v2";

const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** More is not even read to its end. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

export interface ServerOptions {
  readonly router: Router;
  readonly keyring: Keyring;
  readonly limits: Limits;
  readonly world: World;
  /** Added before every answer, in milliseconds of wall time. */
  readonly latencyMs: number;
  /** What goes wrong on purpose. */
  readonly faults?: FaultInjector | undefined;
  readonly stats?: Stats | undefined;
  /** Keeps what a request of a member has changed, before it is answered. */
  readonly commit?: ((userId: string) => void) | undefined;
  /** Told of every answered request, for the control server's log. */
  readonly log?: ((entry: LogEntry) => void) | undefined;
}

/** One answered request. Headers are left out: they hold signatures. */
export interface LogEntry {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly user_id: string | null;
  /** What went wrong with it on purpose. */
  readonly fault: string | null;
}

/** The REST server of the sandbox, not yet listening. */
export function createRestServer(options: ServerOptions): Server {
  return createBoundedServer((request, response) => {
    // Whatever is wrong with one request ends that request alone.
    answer(options, request, response).catch(() => response.destroy());
  });
}

async function answer(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const arrived = performance.now();
  const method = request.method ?? "GET";
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  const match = path.startsWith(`${REST_PREFIX}/`)
    ? options.router.find(method, path.slice(REST_PREFIX.length))
    : "path";
  options.stats?.arrive(typeof match === "string" ? "unknown" : match.route.path);
  const { reply, account, injected } = await decide(options, request, match, { method, path, query });
  const fault = injected?.fault ?? null;
  // Everything above has happened as the request arrived; the answer travels for so long after.
  await until(arrived + options.latencyMs + (injected?.delayMs ?? 0));
  options.log?.({
    method,
    path,
    query,
    status: reply.status,
    user_id: account?.userId ?? null,
    fault: fault?.fault ?? null,
  });
  options.stats?.answer(reply.status, isLost(fault));
  deliver(response, reply, fault);
}

/** Waits for a moment of `performance.now()`. A timer may fire early by as much as its making was late in the loop's turn. */
async function until(moment: number): Promise<void> {
  for (let left = moment - performance.now(); left > 0; left = moment - performance.now()) await sleep(Math.ceil(left));
}

interface Target {
  readonly method: string;
  readonly path: string;
  readonly query: string;
}

interface Decision {
  readonly reply: Reply;
  readonly account: AccountRef | null;
  readonly injected?: Injected | undefined;
}

/** Finds who asks, what goes wrong, whether they may and can pay, and what the operation answers: in this order. */
async function decide(
  options: ServerOptions,
  request: IncomingMessage,
  match: Match | "path" | "method",
  { method, path, query }: Target,
): Promise<Decision> {
  if (match === "path") return { reply: notFound(), account: null };
  if (match === "method") {
    return { reply: refusal(405, "method_not_allowed", "method not allowed"), account: null };
  }
  const verdict = options.keyring.verify(request.headers, method, path);
  if ("reply" in verdict && match.route.access === "signed") return { reply: verdict.reply, account: null };
  const account = "account" in verdict ? verdict.account : null;
  const relative = path.slice(REST_PREFIX.length);
  const params = new URLSearchParams(query);
  const injected = options.faults?.arrive({ method, path: relative, query: params, userId: account?.userId ?? null });
  try {
    const body = await readBody(request);
    const isPaid = injected?.isFree === true || pay(options.limits, match, body, account, request);
    if (!isPaid) {
      injected?.undo();
      return { reply: tooManyRequests(account !== null), account };
    }
    const parts = { method, path: relative, params: match.params, account, world: options.world };
    const grant = "grant" in verdict ? verdict.grant : undefined;
    const handle = async (asked: URLSearchParams) => {
      const answer = await handled(match.route, { ...parts, query: asked, body }, grant);
      if (method !== "GET" && account !== null) options.commit?.(account.userId);
      return answer;
    };
    const reply = injected === undefined ? await handle(params) : await injected.reply(handle, account !== null);
    return { reply, account, injected };
  } catch (error) {
    injected?.undo();
    if (error instanceof Refused) return { reply: error.reply, account };
    return { reply: refusal(500, "internal_error", "internal error", messageOf(error)), account };
  }
}

/** What an operation answers, refusals too, where the key lets the request through. */
async function handled(route: Route, request: SandboxRequest, grant: KeyGrant | undefined): Promise<Reply> {
  try {
    return await route.handle(grant === undefined ? request : { ...request, ...guard(grant, route, request) });
  } catch (error) {
    if (error instanceof Refused) return error.reply;
    throw error;
  }
}

function pay(
  limits: Limits,
  { route }: Match,
  body: unknown,
  account: AccountRef | null,
  request: IncomingMessage,
): boolean {
  if (account === null) return limits.takeUnsigned(request.socket.remoteAddress ?? "");
  const cost = typeof route.cost === "number" ? route.cost : route.cost(body);
  return limits.takeSigned(account.userId, route.bucket, cost);
}

/** The body as JSON; undefined where there is none. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (length === undefined && encoding === undefined) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // What is too much is read to its end all the same: a connection left in the middle of a body is of no more use.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    if (bytes > MAX_DISCARDED_BYTES) break;
  }
  if (bytes > MAX_BODY_BYTES) throw new Refused(undecodable("http: request body too large"));
  if (bytes === 0) return undefined;
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) {
    throw new Refused(refusal(400, "invalid_content_type", "invalid content type"));
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Refused(undecodable("json: cannot decode the body"));
  }
}
