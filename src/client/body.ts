import type { Dispatcher } from "undici";
import type { Answered } from "./faults.js";

/** Counts bytes as they arrive. */
export type Count = (bytes: number) => void;

const utf8 = new TextDecoder();

/** The body of an answer as text. */
export async function readText(answer: Dispatcher.ResponseData<unknown>, count: Count): Promise<Answered> {
  const bytes = await answer.body.bytes();
  count(bytes.byteLength);
  return { ...headOf(answer), text: utf8.decode(bytes) };
}

/** What is told of an answer beside its text. */
export function headOf({ statusCode, headers }: Dispatcher.ResponseData<unknown>): Omit<Answered, "text"> {
  const location = typeof headers.location === "string" ? headers.location : null;
  return { status: statusCode, contentType: String(headers["content-type"] ?? ""), location };
}
