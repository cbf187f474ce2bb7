import { type ErrorCode, KalshiError, messageOf, systemCode } from "../errors.js";
import { readRefusal, refusalError } from "./answer.js";
import type { BucketName } from "./costs.js";
import { bareCause, withoutSignatures } from "./echo.js";
import { redirectError } from "./redirect.js";

/** What a failure is told of. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Origin of the host. */
  readonly host: string;
  readonly clockOffsetMs: number | null;
}

/** An answer whose body is read. */
export interface Answered {
  readonly status: number;
  readonly contentType: string;
  /** Where a redirect leads; null without one. */
  readonly location: string | null;
  readonly text: string;
}

/** How far a request had come when it failed: never given to a connection, given to one, or its answer begun. */
export type Stage = "unsent" | "sent" | "answering";

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS|ERR_SSL/;
const SHOWN = 60;

/**
 * The error of a request that got no answer, or not all of it. `context.sent` is false where it certainly never left this machine; else
 * nobody here knows whether the exchange has acted.
 */
export function transportError(error: unknown, asked: Asked, stage: Stage): KalshiError {
  if (error instanceof KalshiError) return error;
  const { method, path, host } = asked;
  const code = systemCode(error);
  const where = `${method} ${path}`;
  const answering = stage === "answering";
  const sent = stage !== "unsent";
  // The same codes on a connection that was made are damage on the way, and say nothing of whom we trust.
  const certificate = !sent && code !== null && CERTIFICATE.test(code);
  // A certificate does not become another one by asking again.
  const context = { method, path, host, code, sent, ...(certificate ? { certain: true } : {}) };
  const make = (kind: "TIMED_OUT" | "UNREACHABLE", what: string, hint: string): KalshiError =>
    new KalshiError(kind, `${where}: ${what}`, { hint, context, cause: bareCause(error) });
  if (certificate)
    return make(
      "UNREACHABLE",
      `cannot trust the certificate of ${host} (${code})`,
      "a proxy may open encrypted traffic: name its certificate in NODE_EXTRA_CA_CERTS, and check the host name",
    );
  if (code !== null && /TIMEOUT|ETIMEDOUT/.test(code))
    return make(
      "TIMED_OUT",
      answering ? `the answer of ${host} stopped in the middle` : `no answer in time from ${host}`,
      "try again; the first answer of a rarely read series can take ten seconds",
    );
  const why = code ?? withoutSignatures(messageOf(error));
  return answering
    ? make(
        "UNREACHABLE",
        `the connection to ${host} broke in the middle of the answer (${why})`,
        "check the network; try again",
      )
    : make(
        "UNREACHABLE",
        `cannot reach ${host} (${why})`,
        "check the network, the host name, and that the sandbox still runs",
      );
}

/** The same failure, said to have changed nothing at the exchange: no request left this machine, or none that was not refused unread. */
export function unsent(error: unknown): unknown {
  if (!(error instanceof KalshiError) || error.context.sent === false) return error;
  const { code, message, hint, context, cause } = error;
  return new KalshiError(code, message, { hint, context: { ...context, sent: false }, cause });
}

/**
 * The parsed body of an answer; null for an empty one, where none is due.
 *
 * @throws KalshiError `BAD_RESPONSE` for what is no JSON, and what {@link refusalError} gives for a status that is no success
 */
export function readBody(answer: Answered, asked: Asked): unknown {
  const { status, text } = answer;
  const body = parse(text);
  if (status < 200 || status >= 300) throw failed(answer, body, asked);
  if (body !== undefined && (text !== "" || asked.method !== "GET")) return body;
  throw unreadable(answer, asked);
}

/** The error of a successful answer that is no JSON, or not all of it. */
export function unreadable(answer: Answered, asked: Asked): KalshiError {
  if (answer.text === "")
    return notJson(asked, answer, "the answer is empty", "try again; a proxy may have dropped its body");
  if (isPage(answer))
    return notJson(asked, answer, `a web page came instead of JSON: ${shown(answer.text)}`, PAGE_HINT);
  return notJson(
    asked,
    answer,
    `the answer is no JSON: ${shown(answer.text)}`,
    "it may have been cut off, or a proxy may stand between: try again, and check the base URL",
  );
}

const passing: ReadonlySet<ErrorCode> = new Set(["UNREACHABLE", "TIMED_OUT", "SERVER_FAILED"]);

/** Whether the same question can have another answer in a moment. */
export function canPass({ code, context }: KalshiError): boolean {
  if (code !== "BAD_RESPONSE") return passing.has(code) && context.certain !== true;
  // A page that refuses us stays; one with a success status may come from a gateway that is just starting.
  return typeof context.status === "number" && context.status < 300;
}

/** The error of an answer without the list that it should have. */
export function shapeError(asked: Pick<Asked, "method" | "path">, list: string, found: string): KalshiError {
  return new KalshiError("BAD_RESPONSE", `${asked.method} ${asked.path}: no list \`${list}\` in the answer: ${found}`, {
    hint: "the exchange may have changed its shape; update this library",
    context: { method: asked.method, path: asked.path, list },
  });
}

/** The same error of a list of which some was handed out already, so that it cannot be asked for again unseen. */
export function brokenOff(error: KalshiError, items: number): KalshiError {
  return new KalshiError(error.code, `${error.message}; ${items} items had come, and they are not all`, {
    hint: "ask for the whole list again: what has come is only its beginning",
    context: { ...error.context, items },
    cause: error,
  });
}

/** The error of what was stopped by a signal, or with its client. */
export function interrupted(cause: unknown): KalshiError {
  return new KalshiError("INTERRUPTED", "interrupted", {
    hint: "what was saved so far is kept; run it again to go on",
    cause,
  });
}

/** The error of a request that no waiting would let through. */
export function overCapacity(
  asked: Pick<Asked, "method" | "path">,
  need: { readonly bucket: BucketName; readonly items: number; readonly cost: number; readonly capacity: number },
): KalshiError {
  const { bucket, items, cost, capacity } = need;
  const fits = Math.floor(capacity / (cost / items));
  const what = items > 1 ? `a batch of ${items} costs ${cost} tokens` : `it costs ${cost} tokens`;
  return new KalshiError(
    "OVER_CAPACITY",
    `${asked.method} ${asked.path}: ${what}, and the ${bucket} bucket of this account holds ${capacity}; nothing was sent`,
    {
      hint:
        items > 1 && fits > 0
          ? `split it: ${fits} fit into one batch`
          : "the account's tier does not allow this request: see GET /account/limits",
      context: { method: asked.method, path: asked.path, bucket, items, cost, capacity, fits },
    },
  );
}

const PAGE_HINT =
  "a proxy, firewall or login page answers in the exchange's place: check the base URL, and how this network reaches it";

function failed(answer: Answered, body: unknown, asked: Asked): KalshiError {
  const { status } = answer;
  const redirect = redirectError(status, answer.location, asked.host, `${asked.method} ${asked.path}`);
  if (redirect !== null) return redirect;
  if (!isPage(answer)) return refusalError(readRefusal(status, body), asked);
  if (status === 429 || status >= 500) {
    const error = refusalError(readRefusal(status, body), asked);
    return new KalshiError(error.code, `${error.message} (a web page of status ${status})`, {
      hint: "a gateway answered for the exchange: try again in a while; GET /exchange/status tells of maintenance",
      context: error.context,
    });
  }
  return notJson(
    asked,
    answer,
    `a web page of status ${status} came instead of JSON: ${shown(answer.text)}`,
    PAGE_HINT,
  );
}

function notJson(asked: Asked, { status, text }: Answered, what: string, hint: string): KalshiError {
  const { method, path } = asked;
  return new KalshiError("BAD_RESPONSE", `${method} ${path}: ${what}`, {
    hint,
    context: { method, path, status, length: text.length },
  });
}

function isPage({ contentType, text }: Answered): boolean {
  return contentType.startsWith("text/html") || /^\s*<[!a-z?]/i.test(text);
}

function shown(text: string): string {
  if (text.includes("PRIVATE KEY")) return "(not shown: it holds a private key)";
  return JSON.stringify(withoutSignatures(text).slice(0, SHOWN));
}

/** Undefined for what is no JSON; an empty body is null. */
function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
