/** What was executed, for the clients' arrow keys and searches; it lives as long as the kernel. */
export class History {
  readonly #inputs: { line: number; code: string }[] = [];

  add(line: number, code: string): void {
    this.#inputs.push({ line, code });
  }

  /** The content of a `history_reply`: a tail, a range of lines, or those that match a pattern with `*` and `?`. */
  reply(request: Record<string, unknown>): { status: "ok"; history: unknown[] } {
    const entries = this.#chosen(request).map(({ line, code }) => [
      0,
      line,
      request.output === true ? [code, null] : code,
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
