import { Agent, buildConnector, type Dispatcher } from "undici";
import type { Reservation } from "./rate-limit.js";

/** How far the last try of a request has come. */
export interface Sending {
  /** Given to a connection to be written: from here on nobody can say that it has not left this machine. */
  handed: boolean;
  /** What that try was paid with. */
  tokens: Reservation | null;
}

export interface ConnectionOptions {
  readonly connections: number;
  /** Of each step: opening, the head of an answer, its body. */
  readonly timeoutMs: number;
  /** Told how many milliseconds it took to open a connection. */
  readonly onOpened: (ms: number) => void;
}

/** Connections that are kept open. A request with a {@link Sending} as its `opaque` is noted in it. */
export function openConnections({ connections, timeoutMs, onOpened }: ConnectionOptions): Dispatcher {
  return new Agent({
    connections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: timed(buildConnector({ timeout: timeoutMs }), onOpened),
  }).compose(notingHandOver);
}

function timed(connect: buildConnector.connector, onOpened: (ms: number) => void): buildConnector.connector {
  return (options, callback) => {
    const begun = performance.now();
    connect(options, (...outcome) => {
      if (outcome[0] === null) onOpened(performance.now() - begun);
      callback(...outcome);
    });
  };
}

/** Notes when a request, its turn having come, is given to a connection. An error of an unmade connection does not tell: others look alike. */
function notingHandOver(dispatch: Dispatcher["dispatch"]): Dispatcher["dispatch"] {
  return (options, handler) => {
    const { opaque: sending } = options as { opaque?: Sending };
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      start?.(controller, context);
      if (sending === undefined || controller.aborted) return;
      sending.handed = true;
      sending.tokens?.sent();
    };
    return dispatch(options, handler);
  };
}
