/** Lines named of a note. */
const NAMED = 5;

/** What a reader of a file's tables should know, each thing once with the lines that it is true of. */
export class Notes {
  readonly #lines = new Map<string, number[]>();
  readonly #whole: string[] = [];

  /** Something that is true of a line. */
  add(text: string, line: number): void {
    const lines = this.#lines.get(text);
    if (lines === undefined) this.#lines.set(text, [line]);
    else lines.push(line);
  }

  /** Something that is true of the whole file. */
  say(text: string): void {
    this.#whole.push(text);
  }

  texts(): string[] {
    const counted = [...this.#lines].map(([text, lines]) => {
      const named = [...new Set(lines)].sort((a, b) => a - b);
      const rest = named.length > NAMED ? `, and ${named.length - NAMED} more` : "";
      return `${text} (${named.length === 1 ? "line" : "lines"} ${named.slice(0, NAMED).join(", ")}${rest})`;
    });
    return [...this.#whole, ...counted];
  }
}
