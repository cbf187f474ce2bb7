import { createLogUpdate } from "log-update";

/** The state of the tour's tasks on the terminal: one line each, renewed in place; without a terminal one line when a task ends. */
export class Board {
  readonly #lines = new Map<string, { text: string; done: boolean }>();
  readonly #stream: NodeJS.WriteStream;
  readonly #draw: ReturnType<typeof createLogUpdate> | null;
  #drawnAt = 0;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#draw = stream.isTTY ? createLogUpdate(stream) : null;
  }

  /** Tells how a task goes. */
  tell(task: string, text: string): void {
    this.#lines.set(task, { text, done: false });
    this.#render(false);
  }

  /** Tells how a task ended. */
  end(task: string, text: string): void {
    this.#lines.set(task, { text, done: true });
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
    const width = this.#stream.columns || 80;
    const lines = [...this.#lines].map(([task, { text, done }]) => line(task, text, done).slice(0, width - 1));
    this.#draw(lines.join("\n"));
  }
}

function line(task: string, text: string, done: boolean): string {
  return `${done ? "✓" : "·"} ${task.padEnd(10)} ${text}`;
}
