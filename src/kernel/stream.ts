import type { Output } from "./messages.js";

type Stream = Extract<Output, { type: "stream" }>;

const intervalMs = 15;

/**
 * Joins the writes of a cell into fewer messages, in order: a loop of a thousand `console.log` becomes one or two.
 *
 * `key` stands for the cell; what is pending goes out before anything else does, so call `flush` before every other
 * message.
 */
export class StreamBuffer<Key> {
  readonly #publish: (key: Key, stream: Stream) => void;
  #pending: { key: Key; name: Stream["name"]; parts: string[] }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(publish: (key: Key, stream: Stream) => void) {
    this.#publish = publish;
  }

  write(key: Key, { name, text }: Stream): void {
    const last = this.#pending.at(-1);
    if (last?.key === key && last.name === name) last.parts.push(text);
    else this.#pending.push({ key, name, parts: [text] });
    this.#timer ??= setTimeout(() => this.flush(), intervalMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = [];
    for (const { key, name, parts } of pending) this.#publish(key, { type: "stream", name, text: parts.join("") });
  }
}
