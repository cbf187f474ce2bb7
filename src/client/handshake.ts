import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { KalshiError, messageOf, systemCode } from "../errors.js";
import type { Timestamp } from "../units/time.js";
import { readRefusal, refusalError } from "./answer.js";
import { bareCause, withoutSignatures } from "./echo.js";
import { isLoopback } from "./http.js";
import { redirectError } from "./redirect.js";

/** Path of the exchange's socket, from the root. */
export const SOCKET_PATH = "/trade-api/ws/v2";

/**
 * Waits until a socket is open.
 *
 * @throws KalshiError `KEY_REFUSED`, `CLOCK_OFF`, `KEY_UNKNOWN`, `SERVER_FAILED`, `RATE_LIMITED`, `UNREACHABLE`, `TIMED_OUT`, `INTERRUPTED`
 */
export async function handshake(
  socket: WebSocket,
  url: URL,
  now: () => Timestamp,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_request, response: IncomingMessage) => {
      void refused(response, url, now).then(reject);
    });
    socket.once("error", (error) => {
      if (signal?.aborted === true) reject(interrupted(signal));
      else reject(unreachable(url, error, timeoutMs));
    });
    // An error can follow the first, such as the reset of a connection whose answer is being read.
    socket.on("error", () => {});
  });
}

async function refused(response: IncomingMessage, url: URL, now: () => Timestamp): Promise<KalshiError> {
  const status = response.statusCode ?? 0;
  let text = "";
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      text += chunk.toString("utf8");
      if (text.length > 4096) break;
    }
  } catch {
    // A body that is cut off adds nothing to the status.
  }
  const redirect = redirectError(
    status,
    response.headers.location ?? null,
    url.href,
    `the handshake of ${url.pathname}`,
  );
  if (redirect !== null) return redirect;
  const theirs = Date.parse(response.headers.date ?? "");
  const clockOffsetMs = Number.isNaN(theirs) ? null : Math.round(theirs + 500 - now() / 1000);
  const refusal = readRefusal(status, parseOr(text));
  if (status === 401 && !refusal.code.startsWith("header_timestamp") && refusal.details !== "NOT_FOUND") {
    const offset = clockOffsetMs !== null && Math.abs(clockOffsetMs) > 4_000 ? clockOffsetMs : null;
    return new KalshiError(
      "KEY_REFUSED",
      `the exchange refused the key at the socket's handshake (401 ${refusal.code})`,
      {
        hint:
          offset === null
            ? "a socket is always signed: check that key id and private key belong together and to this environment (demo or production)"
            : `this machine's clock differs from the exchange's by ${(offset / 1000).toFixed(1)} s; set it (NTP)`,
        context: { status, code: refusal.code, details: refusal.details, host: url.host, clockOffsetMs },
      },
    );
  }
  return refusalError(refusal, { method: "GET", path: url.pathname, clockOffsetMs });
}

/** The URL of a socket that a key may be sent to. @throws KalshiError `BAD_ARGUMENT`, `KEY_WRONG_HOST` */
export function readSocketUrl(text: string, path: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "wss:" && url.protocol !== "ws:")) {
    throw new KalshiError("BAD_ARGUMENT", `not the URL of a socket: ${JSON.stringify(text)}`, {
      hint: `give it as wss://HOST${SOCKET_PATH}`,
      context: { text },
    });
  }
  if (url.protocol !== "wss:" && !isLoopback(url.hostname)) {
    throw new KalshiError("KEY_WRONG_HOST", `a signed handshake would travel in the clear to ${url.hostname}`, {
      hint: "use wss",
      context: { host: url.hostname, protocol: url.protocol },
    });
  }
  if (url.pathname === "/") url.pathname = path;
  return url;
}

function unreachable(url: URL, error: unknown, timeoutMs: number): KalshiError {
  const code = systemCode(error);
  if (code === "ETIMEDOUT" || messageOf(error).includes("timed out")) {
    return new KalshiError("TIMED_OUT", `no handshake from ${url.host} within ${timeoutMs} ms`, {
      hint: "check the network, then try again",
      context: { host: url.host },
      cause: bareCause(error),
    });
  }
  const why = code ?? withoutSignatures(messageOf(error));
  return new KalshiError("UNREACHABLE", `cannot open a socket to ${url.host} (${why})`, {
    hint: "check the network, the host name, and that the sandbox still runs",
    context: { host: url.host, code },
    cause: bareCause(error),
  });
}

export function interrupted(signal: AbortSignal): KalshiError {
  return new KalshiError("INTERRUPTED", "interrupted while connecting", {
    hint: "run it again to go on",
    cause: signal.reason,
  });
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
