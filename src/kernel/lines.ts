import type { Readable } from "node:stream";

/**
 * Lines of a text that comes in pieces, ended by a line feed alone: Node's own reader also ends them at U+2028, which JSON may have within a
 * text.
 */
export class Lines {
  #rest: string[] = [];

  /** The lines that end with this piece. */
  push(piece: string): readonly string[] {
    const [first, ...others] = piece.split("\n");
    this.#rest.push(first!);
    if (others.length === 0) return [];
    const ended = this.#rest.join("");
    this.#rest = [others.pop()!];
    return [ended, ...others];
  }
}

/** The lines of a stream; what comes after the last line feed is none. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const lines = new Lines();
  stream.setEncoding("utf8");
  for await (const piece of stream) yield* lines.push(piece as string);
}
