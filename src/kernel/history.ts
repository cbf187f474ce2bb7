/** An input, and the text of its result when there was one. */
export interface Entry {
  readonly line: number;
  readonly code: string;
  output: string | null;
}

/** What was executed, for the clients' arrow keys and searches; it lives as long as the kernel. */
export class History {
  readonly #inputs: Entry[] = [];

  /** Keeps an input; what came of it may be added to what is returned. */
  add(line: number, code: string): Entry {
    const entry: Entry = { line, code, output: null };
    this.#inputs.push(entry);
    return entry;
  }

  /** The content of a `history_reply`: a tail, a range of lines, or those that match a pattern with `*` and `?`. */
  reply(request: Record<string, unknown>): { status: "ok"; history: unknown[] } {
    const entries = this.#chosen(request).map(({ line, code, output }) => [
      0,
      line,
      request.output === true ? [code, output] : code,
    ]);
    return { status: "ok", history: entries };
  }

  #chosen({ hist_access_type: access, n, start, stop, pattern, unique }: Record<string, unknown>) {
    if (access === "range") {
      const from = typeof start === "number" ? start : 0;
      const to = typeof stop === "number" ? stop : Number.POSITIVE_INFINITY;
      return this.#inputs.filter(({ line }) => line >= from && line < to);
    }
    let found = this.#inputs;
    if (access === "search") {
      const glob = globOf(typeof pattern === "string" ? pattern : "*");
      found = found.filter(({ code }) => glob.test(code));
      if (unique === true)
        found = found.filter(({ code }, at) => !found.slice(at + 1).some((later) => later.code === code));
    }
    return typeof n === "number" && n > 0 ? found.slice(-n) : found;
  }
}

function globOf(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${escaped}$`);
}
