import type { ServerResponse } from "node:http";
import type { Reply } from "../types.js";
import { refusal, tooManyRequests } from "../wire/replies.js";
import { replyText } from "../wire/wire.js";
import type { RestFault, StatusFault } from "./rest-fault.js";

/** Sends an answer whole. */
export function send(response: ServerResponse, reply: Reply): void {
  const text = replyText(reply);
  if (text === null) {
    response.writeHead(reply.status).end();
    return;
  }
  const bytes = Buffer.from(text, "utf8");
  const type = reply.contentType ?? "application/json";
  response.writeHead(reply.status, { "content-type": type, "content-length": bytes.length }).end(bytes);
}

/** Sends an answer as a fault lets it through: not at all, in part, or whole. */
export function deliver(response: ServerResponse, reply: Reply, fault: RestFault | null): void {
  switch (fault?.fault) {
    case "timeout":
      return;
    case "disconnect":
      response.destroy();
      return;
    case "cut":
      cut(response, reply, fault.how, fault.at);
      return;
    default:
      send(response, reply);
  }
}

/** Whether a fault keeps an answer from arriving whole. */
export function isLost(fault: RestFault | null): boolean {
  return fault !== null && ["timeout", "disconnect", "cut"].includes(fault.fault);
}

/** What is answered instead of carrying a request out. */
export function refusedWith({ status, body }: Pick<StatusFault, "status" | "body">, isSigned: boolean): Reply {
  if (body === "empty") return { status, text: "", contentType: "text/plain" };
  if (body === "html") return page(status, REASONS[status]);
  if (status === 429) return tooManyRequests(isSigned);
  const reason = REASONS[status].toLowerCase();
  return refusal(status, reason.replaceAll(" ", "_"), reason);
}

const REASONS = {
  429: "Too many requests",
  500: "Internal error",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway timeout",
} as const;

function page(status: number, title: string): Reply {
  const text = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, text, contentType: "text/html" };
}

/** What a proxy between may say instead of the exchange. */
export const HTML: Reply = page(200, "One moment, please");

/** The first part of the body: under the length of the whole and then the end of the socket, or as if that were all. */
function cut(response: ServerResponse, reply: Reply, how: "destroy" | "end", at: number): void {
  const bytes = Buffer.from(replyText(reply) ?? "", "utf8");
  const part = bytes.subarray(0, Math.min(bytes.length - 1, Math.floor(bytes.length * at)));
  const length = how === "destroy" ? bytes.length : part.length;
  response.writeHead(reply.status, { "content-type": "application/json", "content-length": length });
  if (how === "end") response.end(part);
  else response.write(part, () => response.destroy());
}
