import { type RawData, WebSocket } from "ws";
import type { Timestamp } from "../units/time.js";
import { type Answer, Commands } from "./commands.js";
import { handshake, interrupted, readSocketUrl, SOCKET_PATH } from "./handshake.js";
import { receiveClock } from "./receive-clock.js";
import type { Signer } from "./signing.js";
import { SignsOfLife } from "./signs-of-life.js";

/** A message exactly as received. */
export interface Frame {
  /** The bytes of the message. Valid until the listener returns; copy what is to be kept. */
  readonly data: Buffer;
  /** False for the text frames that the exchange sends. */
  readonly binary: boolean;
  /** Local time at which it was read, microseconds since 1970: one moment for all messages that were read from the socket at once. */
  readonly receivedAt: Timestamp;
}

/** How a session ended. */
export interface SocketEnd {
  /** Close code; 1006 when it was cut without one. */
  readonly code: number;
  readonly reason: string;
  readonly at: Timestamp;
  /** Local time of the last message, ping or pong, as if the clock had not been set forward meanwhile. See {@link SignsOfLife}. */
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
  /**
   * Reads nothing more until {@link resume}: what the peer sends waits on its side. Its silence is then not held against it, and it is sent
   * pongs unasked, so that ours is not held against us. A few messages that were under way may still come.
   */
  pause(): void;
  resume(): void;
  /** Ends the session, for a reason that its end then has; a peer that does not answer is cut off. Default `closed`. */
  close(reason?: string): Promise<SocketEnd>;
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
  const life = new SignsOfLife(now());
  let isPaused = false;
  let whyWeEnd: string | null = null;

  /** Null between two reads of the socket: what came in one was received at one moment. */
  let readAt: Timestamp | null = null;
  const forget = (): void => {
    readAt = null;
  };
  const received = (): Timestamp => {
    const at = now();
    life.at(at);
    readAt = at;
    // Runs when all messages of this read have been given.
    queueMicrotask(forget);
    return at;
  };

  // Before the handshake is done, so that a message in the same packet is not lost.
  socket.on("message", (raw: RawData, binary: boolean) => {
    const data = raw as Buffer;
    options.onFrame({ data, binary, receivedAt: readAt ?? received() });
    commands.hear(data);
  });
  socket.on("ping", () => life.at(now()));
  socket.on("pong", () => life.at(now()));
  const ended = new Promise<SocketEnd>((resolve) => {
    socket.once("close", (code, reason) => {
      commands.end();
      const why = whyWeEnd ?? (reason.toString("utf8") || (code === 1006 ? "cut" : "closed"));
      resolve({ code, reason: why, at: now(), lastHeardAt: life.heardAt });
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
  const stopWatch = watch(
    socket,
    silenceMs,
    life,
    () => isPaused,
    () => {
      whyWeEnd = `silent for ${silenceMs} ms`;
    },
  );
  void ended.then(() => {
    stopWatch();
    signal?.removeEventListener("abort", abort);
  });

  return {
    command: (name, params, answers = 1) => commands.send(name, params, answers),
    ended,
    pause() {
      isPaused = true;
      socket.pause();
    },
    resume() {
      isPaused = false;
      socket.resume();
    },
    async close(reason) {
      whyWeEnd ??= reason ?? null;
      // Paused, the answer would not be read.
      if (isPaused) socket.terminate();
      else socket.close(1000);
      const cut = setTimeout(() => socket.terminate(), CLOSE_MS);
      const end = await ended;
      clearTimeout(cut);
      return end;
    },
  };
}

/** Cuts the connection off when nothing was heard for too long; pings when nothing was heard for a while. */
function watch(
  socket: WebSocket,
  silenceMs: number,
  life: SignsOfLife,
  isPaused: () => boolean,
  onSilence: () => void,
): () => void {
  const everyMs = silenceMs / 4;
  let tickedAt = performance.now();
  let heardBefore = life.heardMs;
  /** What came before is not held against the other side: we were not listening. */
  let listeningSince = heardBefore;
  const timer = setInterval(() => {
    const late = performance.now() - tickedAt > 2 * everyMs;
    tickedAt = performance.now();
    if (isPaused()) {
      listeningSince = performance.now();
      // Its pings stand behind what is not read. An answer that was not asked for is a sign of life too.
      if (socket.readyState === WebSocket.OPEN) socket.pong("heartbeat");
      return;
    }
    // This process was busy or asleep, and what arrived meanwhile is still to be read.
    if (late) listeningSince = performance.now();
    const heardMs = life.heardMs;
    if (performance.now() - Math.max(heardMs, listeningSince) >= silenceMs) {
      onSilence();
      socket.terminate();
    } else if (late || heardMs === heardBefore) {
      // The exchange pings by itself; our own ping tells a quiet line from a dead one sooner.
      socket.ping();
    }
    heardBefore = heardMs;
  }, everyMs);
  return () => clearInterval(timer);
}
