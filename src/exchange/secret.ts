import { inspect } from "node:util";
import { KalshiError } from "../errors.js";
import type { Shape } from "./shape.js";

/** A text that must not be shown by accident: printed, logged, written as JSON or shown by a notebook, it is `[private key]`. */
export class Secret {
  readonly #text: string;
  readonly #label: string;

  constructor(text: string, label = "private key") {
    this.#text = text;
    this.#label = label;
  }

  /** The text itself. Write it to a file that only its owner can read. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return `[${this.#label}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A text of an answer that must stay secret, in its errors too. */
export const secret: Shape<Secret> = {
  parse: (raw, where) => {
    if (typeof raw === "string" && raw !== "") return new Secret(raw);
    throw new KalshiError("BAD_RECORD", `${where} should be text, and is ${raw === "" ? "empty" : typeof raw}`, {
      hint: "the answer is refused rather than guessed at; if the exchange changed its shape, update this library",
      context: { where },
    });
  },
  keys: "free",
};
