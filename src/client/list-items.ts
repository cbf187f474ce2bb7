import { JSONParser, TokenType } from "@streamparser/json";

/** Why an answer is not the list that was asked for. */
export class ListFault extends Error {
  /** `syntax`: no JSON, or not to its end. `shape`: JSON without that list. */
  readonly kind: "syntax" | "shape";

  constructor(kind: "syntax" | "shape", message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * The items of one list of a JSON object, while its text arrives: `{"series":[…], …}`. Yields those that each chunk completes; holds no more than
 * one item and one chunk, however long the list is. A list that is null is empty.
 *
 * @throws ListFault when the text ends too early or is no JSON, or when the object has no such list; what came before it was yielded
 */
export async function* listItems(
  chunks: AsyncIterable<Uint8Array>,
  list: string,
): AsyncGenerator<readonly unknown[], void> {
  const reader = new ListReader(list);
  for await (const chunk of chunks) {
    const items = reader.write(chunk);
    if (items.length > 0) yield items;
  }
  reader.end();
}

/**
 * The parser decodes texts piece by piece, by a decoder that takes a U+FEFF at the start of a piece for a mark of the order of bytes, and leaves
 * it out. Such a letter of no width may stand in a title; there is no option for it, so the decoder is replaced.
 */
function keepMarks(parser: JSONParser): void {
  const { tokenizer } = parser as unknown as { tokenizer: { bufferedString: { decoder: unknown } } };
  tokenizer.bufferedString.decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
}

class ListReader {
  readonly #list: string;
  readonly #parser: JSONParser;
  #items: unknown[] = [];
  #fault: ListFault | null = null;
  #depth = 0;
  /** Text at the object's own level that may be a key, and the key whose value comes next. */
  #text: string | null = null;
  #key: string | null = null;
  #found = false;
  #begun = false;

  constructor(list: string) {
    this.#list = list;
    this.#parser = new JSONParser({ paths: [`$.${list}.*`], keepStack: false });
    keepMarks(this.#parser);
    this.#parser.onValue = ({ value }) => {
      if (this.#fault === null) this.#items.push(value);
    };
    this.#parser.onError = (error) => {
      this.#fault ??= new ListFault("syntax", error.message);
    };
    this.#parser.onToken = ({ token, value }) => this.#look(token, value);
  }

  write(chunk: Uint8Array): readonly unknown[] {
    this.#items = [];
    this.#parser.write(chunk);
    // What is whole is handed out, also when the text is broken behind it: whoever reads learns of the fault right after.
    if (this.#fault !== null && this.#items.length === 0) throw this.#fault;
    return this.#items;
  }

  end(): void {
    if (this.#fault === null && !this.#parser.isEnded) this.#parser.end();
    if (this.#fault !== null) throw this.#fault;
    if (!this.#begun) throw new ListFault("syntax", "it is empty");
    if (!this.#found) throw new ListFault("shape", "no such key");
  }

  /** Watches the object's own level, which the parser does not report: whether the list is there, and is one. */
  #look(token: TokenType, value: unknown): void {
    this.#begun = true;
    if (this.#depth === 0 && token !== TokenType.LEFT_BRACE) this.#fail("it is no object");
    if (this.#depth === 1) this.#lookAtKey(token, value);
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth += 1;
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth -= 1;
  }

  #lookAtKey(token: TokenType, value: unknown): void {
    if (token === TokenType.COLON) {
      this.#key = this.#text;
      return;
    }
    if (this.#key === this.#list) {
      this.#found = true;
      if (token !== TokenType.LEFT_BRACKET && token !== TokenType.NULL) this.#fail("it is no list");
    }
    this.#key = null;
    this.#text = token === TokenType.STRING ? String(value) : null;
  }

  #fail(what: string): void {
    this.#fault ??= new ListFault("shape", what);
  }
}
