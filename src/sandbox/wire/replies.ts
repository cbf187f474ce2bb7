import type { Json, JsonObject, Reply } from "../types.js";

// The exchange has three shapes of errors and a bare text; which one depends on who refuses. See API: errors.

/** 200 with a body. */
export function ok(body: Json): Reply {
  return { status: 200, body };
}

/** The usual shape: `{"error":{code,message,details?}}`. */
export function refusal(status: number, code: string, message: string, details?: string): Reply {
  const error: JsonObject = { code, details, message };
  return { status, body: { error } };
}

export function notFound(): Reply {
  return refusal(404, "not_found", "not found");
}

/** A parameter of the query that makes no sense, or none together with another. */
export function invalidParameter(message: string): Reply {
  return refusal(400, "invalid_parameters", "invalid parameters", message);
}

/** The flat shape, for a body that cannot be decoded. */
export function undecodable(details: string): Reply {
  return { status: 400, body: { code: "bad_request", details, message: "bad request" } };
}

/** What a parameter fails, as the exchange's own checks call it. */
export type RangeTag = "lte" | "gte" | "max" | "required" | "number";

/** The shape of a parameter out of its range: `operation` and field as the exchange's own code calls them. */
export function outOfRange(operation: string, field: string, tag: RangeTag): Reply {
  const msg =
    `Parameter validation failed for ${operation}: Key: '${operation}Params.${field}' ` +
    `Error:Field validation for '${field}' failed on the '${tag}' tag`;
  return { status: 400, body: { msg } };
}

/** Too many requests: a bare text for signed calls, an object for the others. No header tells when to come back. */
export function tooManyRequests(signed: boolean): Reply {
  return signed
    ? { status: 429, body: { error: "too many requests" } }
    : refusal(429, "too_many_requests", "too many requests");
}

/** Thrown by whoever reads a request and finds that the answer can only be this one. */
export class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`answered with ${reply.status}`);
    this.name = "Refused";
    this.reply = reply;
  }
}
