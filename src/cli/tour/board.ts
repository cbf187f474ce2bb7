import { createLogUpdate } from "log-update";
import { isQuietNow } from "../output.js";

/** The state of the tour's tasks on the terminal: one line each, renewed in place; without a terminal one line when a task ends. */
export class Board {
  readonly #lines = new Map<string, { text: string; done: boolean }>();
  readonly #stream: NodeJS.WriteStream;
  readonly #draw: ReturnType<typeof createLogUpdate> | null;
  #drawnAt = 0;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#draw = stream.isTTY && !isQuietNow() ? createLogUpdate(stream) : null;
  }

  /** Tells how a task goes. */
  tell(task: string, text: string): void {
    this.#lines.set(task, { text, done: false });
    this.#render(false);
  }

  /** Tells how a task ended. */
  end(task: string, text: string): void {
    this.#lines.set(task, { text, done: true });
    if (isQuietNow()) return;
    if (this.#draw === null) this.#stream.write(`${line(task, text, true)}\n`);
    else this.#render(true);
  }

  /** Leaves the lines standing. */
  close(): void {
    this.#render(true);
    this.#draw?.done();
  }

  #render(now: boolean): void {
    if (this.#draw === null || (!now && performance.now() - this.#drawnAt < 100)) return;
    this.#drawnAt = performance.now();
    const width = (this.#stream.columns || 80) - 1;
    const lines = [...this.#lines].map(([task, { text, done }]) => shortened(line(task, text, done), width));
    this.#draw(lines.join("\n"));
  }
}

function line(task: string, text: string, done: boolean): string {
  return `${done ? "✓" : "·"} ${task.padEnd(10)} ${text}`;
}

/** A line that does not fit loses its last parts, whole ones as long as any is left, so that no word is cut in the middle. */
function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const parts = text.split(" · ");
  while (parts.length > 1 && parts.join(" · ").length + 2 > width) parts.pop();
  const shorter = parts.join(" · ");
  return shorter.length + 2 <= width ? `${shorter} …` : `${shorter.slice(0, width - 1)}…`;
}
