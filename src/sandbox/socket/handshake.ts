import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Reply } from "../types.js";
import { replyText } from "../wire/wire.js";

/** Answers a handshake with an HTTP status and body instead of a connection. */
export function refuseHandshake(stream: Duplex, reply: Reply): void {
  const body = Buffer.from(replyText(reply) ?? "", "utf8");
  const head = [
    `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? "Refused"}`,
    `Content-Type: ${reply.contentType ?? "application/json"}`,
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  stream.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
}
