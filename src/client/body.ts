import type { Dispatcher } from "undici";
import type { KalshiError } from "../errors.js";
import { type Answered, type Asked, brokenOff, readBody, shapeError, transportError, unreadable } from "./faults.js";
import { ListFault, listItems } from "./list-items.js";

/** Bytes shown of an answer that cannot be read. */
const HEAD_BYTES = 200;

/** Counts bytes as they arrive. */
type Count = (bytes: number) => void;

/** The body of an answer as text. */
export async function readText(answer: Dispatcher.ResponseData<unknown>, count: Count): Promise<Answered> {
  const text = await answer.body.text();
  count(Buffer.byteLength(text));
  return { ...headOf(answer), text };
}

/** A list whose first items have come. */
export interface OpenList {
  /** Its items as they come. Throws KalshiError that tells how many had come before. */
  items(): AsyncGenerator<readonly unknown[], void>;
}

/**
 * Opens the list of an answer and waits for its first items: until then it can be asked for again.
 *
 * @throws KalshiError as `readBody`; `BAD_RESPONSE` for an answer without the list; `UNREACHABLE`, `TIMED_OUT`
 */
export async function openList(
  answer: Dispatcher.ResponseData<unknown>,
  asked: Asked,
  list: string,
  count: Count,
): Promise<OpenList> {
  if (answer.statusCode < 200 || answer.statusCode >= 300) readBody(await readText(answer, count), asked);
  let head = "";
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      count(chunk.length);
      if (head.length < HEAD_BYTES) head += chunk.toString("utf8", 0, HEAD_BYTES);
      yield chunk;
    }
  }
  const explain = (error: unknown): KalshiError => {
    if (!(error instanceof ListFault)) return transportError(error, asked, "answering");
    if (error.kind === "shape") return shapeError(asked, list, error.message);
    return unreadable({ ...headOf(answer), text: head }, asked);
  };
  const source = listItems(chunks(), list);
  let next: IteratorResult<readonly unknown[], void>;
  try {
    next = await source.next();
  } catch (error) {
    throw explain(error);
  }
  return {
    async *items() {
      let handedOut = 0;
      try {
        while (next.done !== true) {
          handedOut += next.value.length;
          yield next.value;
          next = await source.next().catch((error: unknown) => {
            throw brokenOff(explain(error), handedOut);
          });
        }
      } finally {
        // Whoever stops in the middle ends the answer.
        await source.return();
      }
    },
  };
}

function headOf({ statusCode, headers }: Dispatcher.ResponseData<unknown>): Omit<Answered, "text"> {
  const location = typeof headers.location === "string" ? headers.location : null;
  return { status: statusCode, contentType: String(headers["content-type"] ?? ""), location };
}
