import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { Duplex } from "node:stream";
import { systemCode } from "../errors.js";

const OPTIONS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  /** From the connection, or the end of the request before it, to the end of the headers. */
  headersTimeout: 10_000,
  /** To the end of the body. */
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
  // Longer than any client keeps an idle connection, so that it is the client who closes it.
  keepAliveTimeout: 75_000,
};
const LINGER_MS = 500;
/** Connections at once; more are closed as they come. */
const MAX_CONNECTIONS = 10_000;

/**
 * An HTTP server that strangers may talk to: what is no HTTP, has too many headers or never ends is refused in the exchange's manner, and
 * takes no more than its own connection with it.
 */
export function createBoundedServer(listener: RequestListener): Server {
  const server = createServer(OPTIONS, listener);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", refuse);
  return server;
}

/** Connections that were told; what else they say is read and forgotten. */
const refused = new WeakSet<Duplex>();

function refuse(error: Error, socket: Duplex): void {
  if (refused.has(socket)) return;
  refused.add(socket);
  const [status, code, message] = refusals.get(systemCode(error) ?? "") ?? MALFORMED;
  if (!socket.writable || systemCode(error) === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ error: { code, message } });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Closed at once, with more to read, it would be reset, and the answer lost with it.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

type Refusal = readonly [status: string, code: string, message: string];

const MALFORMED: Refusal = ["400 Bad Request", "bad_request", "malformed HTTP request"];
const refusals: ReadonlyMap<string, Refusal> = new Map([
  [
    "HPE_HEADER_OVERFLOW",
    ["431 Request Header Fields Too Large", "request_headers_too_large", "request headers too large"],
  ],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", ["413 Payload Too Large", "bad_request", "chunk extensions too large"]],
  ["ERR_HTTP_REQUEST_TIMEOUT", ["408 Request Timeout", "request_timeout", "request timeout"]],
] as const);
