import { KalshiError } from "../errors.js";

/** What the exchange answered to a command, not looked at beyond this. */
export interface Answer {
  readonly type: string;
  readonly sid: number | null;
  readonly msg: unknown;
}

interface Waiting {
  readonly name: string;
  readonly wanted: number;
  readonly had: Answer[];
  readonly timer: NodeJS.Timeout;
  resolve(answers: readonly Answer[]): void;
  reject(error: KalshiError): void;
}

/** The commands of one session: numbers them, and matches what comes back. */
export class Commands {
  readonly #send: (text: string) => void;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #over = false;

  constructor(send: (text: string) => void, timeoutMs: number) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws KalshiError `CHANNEL_REFUSED`, `TIMED_OUT`, `SOCKET_CLOSED` */
  send(name: string, params: Readonly<Record<string, unknown>>, answers: number): Promise<readonly Answer[]> {
    if (this.#over) return Promise.reject(closed(name));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(late(name, this.#timeoutMs));
      }, this.#timeoutMs);
      this.#waiting.set(id, { name, wanted: answers, had: [], timer, resolve, reject });
      this.#send(JSON.stringify({ id, cmd: name, params }));
    });
  }

  /** Looks at a message only while a command waits and it could be an answer. */
  hear(data: Buffer): void {
    if (this.#waiting.size === 0 || !data.includes('"id":')) return;
    const message = answerIn(data);
    const waiting = message === null ? undefined : this.#waiting.get(message.id);
    if (message === null || waiting === undefined) return;
    if (message.type === "error") {
      this.#settle(message.id).reject(refused(waiting.name, message.msg));
      return;
    }
    waiting.had.push({ type: message.type, sid: message.sid, msg: message.msg });
    if (waiting.had.length >= waiting.wanted) this.#settle(message.id).resolve(waiting.had);
  }

  /** The session is over: nothing more will be answered. */
  end(): void {
    this.#over = true;
    for (const [id, { name }] of this.#waiting) this.#settle(id).reject(closed(name));
  }

  #settle(id: number): Waiting {
    const waiting = this.#waiting.get(id)!;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    return waiting;
  }
}

function answerIn(data: Buffer): { id: number; type: string; sid: number | null; msg: unknown } | null {
  let raw: unknown;
  try {
    raw = JSON.parse(data.toString("utf8"));
  } catch {
    // Whoever listens to the frames deals with what is no JSON.
    return null;
  }
  if (typeof raw !== "object" || raw === null) return null;
  const { id, type, sid, msg } = raw as Readonly<Record<string, unknown>>;
  if (typeof id !== "number" || typeof type !== "string") return null;
  return { id, type, sid: typeof sid === "number" ? sid : null, msg };
}

/** What to do about a refused command. @see API: 13.8 */
const hints: ReadonlyMap<number, string> = new Map([
  [8, "check the name of the channel: user_orders and market_positions are plural, their messages are not"],
  [9, "this key may not use the channel"],
  [11, "check the market's id"],
  [14, "this channel needs market tickers"],
  [26, "fewer markets on one connection"],
  [27, "wait, then send fewer commands"],
]);

function refused(name: string, msg: unknown): KalshiError {
  const { code, msg: said } = (typeof msg === "object" && msg !== null ? msg : {}) as Readonly<Record<string, unknown>>;
  const number = typeof code === "number" ? code : 0;
  return new KalshiError("CHANNEL_REFUSED", `${name} was refused: ${String(said)} (${number})`, {
    hint: hints.get(number) ?? "read what the exchange said, and correct the command",
    context: { command: name, code: number, message: said },
  });
}

function late(name: string, timeoutMs: number): KalshiError {
  return new KalshiError("TIMED_OUT", `${name}: no answer within ${timeoutMs} ms`, {
    hint: "the connection may be dead; connect again",
    context: { command: name },
  });
}

function closed(name: string): KalshiError {
  return new KalshiError("SOCKET_CLOSED", `${name}: the connection has ended`, {
    hint: "connect again; nothing survives a connection",
    context: { command: name },
  });
}
