import type { IncomingMessage } from "node:http";
import { type RawData, WebSocket } from "ws";
import { KalshiError, messageOf, systemCode } from "../errors.js";
import type { Timestamp } from "../units/time.js";
import { readRefusal, refusalError } from "./answer.js";
import { type Answer, Commands } from "./commands.js";
import { isLoopback } from "./http.js";
import { receiveClock } from "./receive-clock.js";
import type { Signer } from "./signing.js";

/** Path of the exchange's socket, from the root. */
export const SOCKET_PATH = "/trade-api/ws/v2";

/** A message exactly as received. */
export interface Frame {
  /** The bytes of the message. Valid until the listener returns; copy what is to be kept. */
  readonly data: Buffer;
  /** False for the text frames that the exchange sends. */
  readonly binary: boolean;
  /** Local time, microseconds since 1970. */
  readonly receivedAt: Timestamp;
}

/** How a session ended. */
export interface SocketEnd {
  /** Close code; 1006 when it was cut without one. */
  readonly code: number;
  readonly reason: string;
  readonly at: Timestamp;
  /** Local time of the last message, ping or pong. */
  readonly lastHeardAt: Timestamp;
}

export interface SocketOptions {
  /** `wss://…`; the path is added where there is none. */
  readonly url: string;
  readonly signer: Signer;
  readonly path?: string | undefined;
  /** Gets every message, synchronously, before anything of it is parsed. */
  readonly onFrame: (frame: Frame) => void;
  /** Local time in microseconds, for receive times and the signature. */
  readonly now?: (() => Timestamp) | undefined;
  /** After how much silence (no message, no ping, no pong) the session is given up. Default 30 s. */
  readonly silenceMs?: number | undefined;
  /** How long the handshake, and each command, may take. Default 10 s. */
  readonly timeoutMs?: number | undefined;
  /** Leaves out the check that text is valid UTF-8, for a recorder that keeps the bytes anyway. */
  readonly skipUTF8Validation?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One open connection. Knows no markets. */
export interface SocketSession {
  /**
   * Sends a command and waits for its answers, `answers` of them (default 1).
   *
   * @throws KalshiError `CHANNEL_REFUSED` with the exchange's code, `TIMED_OUT`, `SOCKET_CLOSED`
   */
  command(name: string, params: Readonly<Record<string, unknown>>, answers?: number): Promise<readonly Answer[]>;
  /** Resolves when the session has ended, for whatever reason. */
  readonly ended: Promise<SocketEnd>;
  /** Ends the session; a peer that does not answer is cut off. */
  close(): Promise<SocketEnd>;
}

const SILENCE_MS = 30_000;
const TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const CLOSE_MS = 1_000;

/**
 * Opens a signed session. Compression is not offered: it costs fifty times the work of the messages themselves.
 *
 * @throws KalshiError `KEY_WRONG_HOST` when the key would travel in the clear, `KEY_REFUSED` for a 401, `CLOCK_OFF`, `KEY_UNKNOWN`,
 * `SERVER_FAILED`, `RATE_LIMITED`, `UNREACHABLE`, `TIMED_OUT`, `INTERRUPTED`, `BAD_ARGUMENT`
 * @see API: 13.1
 */
export async function openSocket(options: SocketOptions): Promise<SocketSession> {
  const { signer, now = receiveClock(), silenceMs = SILENCE_MS, timeoutMs = TIMEOUT_MS, signal } = options;
  const url = readSocketUrl(options.url, options.path ?? SOCKET_PATH);
  if (signal?.aborted === true) throw interrupted(signal);
  const socket = new WebSocket(url, {
    headers: { ...signer.headers("GET", url.pathname, now() / 1000) },
    perMessageDeflate: false,
    skipUTF8Validation: options.skipUTF8Validation ?? false,
    handshakeTimeout: timeoutMs,
    maxPayload: MAX_MESSAGE_BYTES,
    followRedirects: false,
  });
  const commands = new Commands((text) => socket.send(text), timeoutMs);
  let lastHeardAt = now();
  let silent = false;

  // Before the handshake is done, so that a message in the same packet is not lost.
  socket.on("message", (raw: RawData, binary: boolean) => {
    lastHeardAt = now();
    const data = raw as Buffer;
    options.onFrame({ data, binary, receivedAt: lastHeardAt });
    commands.hear(data);
  });
  socket.on("ping", () => {
    lastHeardAt = now();
  });
  socket.on("pong", () => {
    lastHeardAt = now();
  });
  const ended = new Promise<SocketEnd>((resolve) => {
    socket.once("close", (code, reason) => {
      commands.end();
      const why = silent ? `silent for ${silenceMs} ms` : reason.toString("utf8") || (code === 1006 ? "cut" : "closed");
      resolve({ code, reason: why, at: now(), lastHeardAt });
    });
  });

  const abort = (): void => socket.terminate();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await handshake(socket, url, now, timeoutMs, signal);
  } catch (error) {
    signal?.removeEventListener("abort", abort);
    socket.terminate();
    throw error;
  }
  // A reset after the handshake is told by "close"; without a listener it would end the process.
  socket.on("error", () => {});
  let heardBefore = lastHeardAt;
  const watch = setInterval(() => {
    if (now() - lastHeardAt >= silenceMs * 1000) {
      silent = true;
      socket.terminate();
    } else if (lastHeardAt === heardBefore) {
      // The exchange pings by itself; our own ping tells a quiet line from a dead one sooner.
      socket.ping();
    }
    heardBefore = lastHeardAt;
  }, silenceMs / 4);
  void ended.then(() => {
    clearInterval(watch);
    signal?.removeEventListener("abort", abort);
  });

  return {
    command: (name, params, answers = 1) => commands.send(name, params, answers),
    ended,
    async close() {
      socket.close(1000);
      const cut = setTimeout(() => socket.terminate(), CLOSE_MS);
      const end = await ended;
      clearTimeout(cut);
      return end;
    },
  };
}

async function handshake(
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

/** @throws KalshiError `BAD_ARGUMENT`, `KEY_WRONG_HOST` */
function readSocketUrl(text: string, path: string): URL {
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
      cause: error,
    });
  }
  return new KalshiError("UNREACHABLE", `cannot open a socket to ${url.host} (${code ?? messageOf(error)})`, {
    hint: "check the network, the host name, and that the sandbox still runs",
    context: { host: url.host, code },
    cause: error,
  });
}

function interrupted(signal: AbortSignal): KalshiError {
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
