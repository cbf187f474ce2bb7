import type { MessagePort } from "node:worker_threads";
import { CompilerClient } from "./compiler-client.js";
import { terminateMainThread } from "./interrupt.js";
import { oldSpaceOf, watchMemory } from "./memory.js";
import {
  type Completeness,
  type Completion,
  type FromUser,
  type InputAnswer,
  interruptedOutcome,
  type Outcome,
  type Output,
  type Question,
  type ToUser,
} from "./messages.js";
import { NativeOutput } from "./native-output.js";

/** How long the user's thread may stay silent before it counts as busy and is terminated. */
const patienceMs = 40;
const interruptAttempts = 25;
const longestWarmUpMs = 2_000;
/** A client that runs a cell at once sends it within a few milliseconds. */
const warmAfterMs = 25;
/** What most notebooks begin with. */
const usual = ["kalshi-lab", "arquero"];
/** How many cells are listened to: what still comes of one so much older is not shown. */
const heardCells = 1_000;

export type Listener = (output: Output) => void;

/** Asks whoever sits before the notebook. */
export type Asker = (question: Question) => Promise<InputAnswer>;

export interface ExecuteOptions {
  /** Called when the cell is compiled and begins to run. */
  readonly onRun?: () => void;
  /** Default: there is nobody to ask. */
  readonly ask?: Asker;
}

const ended: Asker = async () => ({ refused: "only a cell that runs can ask" });
const nobody: Asker = async () => ({ refused: "there is nobody to answer here: set what is asked for as a parameter" });

/**
 * The front thread's view of one notebook: lets the compiler compile a cell, runs it on the main thread, and
 * can interrupt it there. One cell at a time; asking the compiler is possible at any time.
 */
export class Session {
  readonly #user: MessagePort;
  readonly #compiler: CompilerClient;
  readonly #listeners = new Map<number, Listener>();
  /** The last attempt to interrupt that the user's thread has answered. */
  #acknowledged = 0;
  readonly #native = new NativeOutput((text) => {
    this.#listeners.get(this.#ranCell)?.({ type: "stream", name: "stdout", text });
  });
  #oldSpace = Number.POSITIVE_INFINITY;
  #endWatch = () => {};
  /** Why the running cell is interrupted, where it is for want of memory. */
  #full: Outcome | null = null;
  #interrupting: Promise<boolean> | null = null;
  #warming = Promise.withResolvers<void>();
  #isWarm = false;
  #warmUpTimer: NodeJS.Timeout | null = null;
  #wake = () => {};
  #declarations = "";
  #cells = 0;
  #attempts = 0;
  /** The last cell that went beyond compiling. */
  #ranCell = 0;
  #running: { cellId: number; ask: Asker; end(outcome: Outcome): void } | null = null;
  #finished = () => {};
  /** Called when the process is sent SIGINT, which Jupyter and terminals use to interrupt. */
  onSigint = () => {};

  constructor(user: MessagePort) {
    this.#user = user;
    this.#compiler = new CompilerClient();
    user.on("message", (message: FromUser) => this.#receive(message));
    this.#warming.resolve();
  }

  /**
   * Imports what most notebooks begin with, unless a cell comes at once. Behind a cell nothing is imported: what that has left running, or an
   * interrupt of it that is still under way, might end the import too.
   */
  warmUpSoon(): void {
    if (this.#isWarm || this.#warmUpTimer !== null || this.#cells > 0) return;
    this.#warmUpTimer = setTimeout(() => this.warmUp(), warmAfterMs).unref();
  }

  /** Imports it now. */
  warmUp(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.#warming = Promise.withResolvers();
    this.#post({ type: "warm", specifiers: usual });
    // Cells wait for it, but not for a package that never ends to load.
    setTimeout(this.#warming.resolve, longestWarmUpMs).unref();
  }

  /** A first cell that is about to import the usual has it while it is compiled; any other does not wait for it. */
  #warmUpFor(code: string): void {
    if (this.#warmUpTimer !== null) clearTimeout(this.#warmUpTimer);
    this.#warmUpTimer = null;
    if (this.#cells === 0 && usual.some((name) => code.includes(name))) this.warmUp();
  }

  /** The outcome of a cell; its output goes to the listener, now and after it has ended. */
  async execute(code: string, label: string, listen: Listener, options: ExecuteOptions = {}): Promise<Outcome> {
    const { onRun = () => {}, ask = nobody } = options;
    this.#warmUpFor(code);
    this.#cells += 1;
    const cellId = this.#cells;
    this.#listeners.set(cellId, listen);
    this.#listeners.delete(cellId - heardCells);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#running = { cellId, ask, end: resolve };
    void this.#start(cellId, code, label, onRun);
    const outcome = await promise;
    this.#endWatch();
    this.#running = null;
    await this.#native.catchUp();
    const why = outcome.status === "error" && outcome.interrupted === true ? this.#full : null;
    this.#full = null;
    return why ?? outcome;
  }

  async #start(cellId: number, code: string, label: string, onRun: () => void): Promise<void> {
    const end = (outcome: Outcome) => this.#end(cellId, outcome);
    try {
      const compiled = await this.#compiler.call("compile", this.#declarations, code, label);
      // Interrupted while compiling: the cell has ended and never runs.
      if (this.#running?.cellId !== cellId) return;
      if (compiled.status === "error") return end(compiled);
      await this.#interrupting;
      // An interrupt must not end an import that is not the cell's: half of a module would be left for all later cells.
      await this.#warming.promise;
      if (this.#running?.cellId !== cellId) return;
      this.#declarations = compiled.declarations;
      this.#post({ type: "run", cellId, label, cell: compiled.cell, nativeRead: this.#native.position });
      this.#ranCell = cellId;
      onRun();
    } catch (error) {
      const evalue = error instanceof Error ? error.message : String(error);
      end({ status: "error", error: { ename: "CompilerError", evalue, traceback: evalue.split("\n") } });
    }
  }

  /** Ends the running cell, whatever it does; false when it did not react, as inside native code. */
  async interrupt(): Promise<boolean> {
    const running = this.#running;
    if (running === null) return true;
    if (this.#ranCell !== running.cellId) {
      this.#running = null;
      running.end(interruptedOutcome);
      return true;
    }
    this.#interrupting ??= this.#interruptRunning().finally(() => {
      this.#interrupting = null;
    });
    return this.#interrupting;
  }

  /**
   * Until the user's thread has answered with no termination still to come: one that finds the thread idle strikes what it does next, and that
   * must not be another cell.
   */
  async #interruptRunning(): Promise<boolean> {
    let terminations = 0;
    let isHeard = false;
    for (let tries = 0; tries < interruptAttempts; tries += 1) {
      this.#attempts += 1;
      const attempt = this.#attempts;
      this.#post({ type: "interrupt", attempt });
      const isAnswered = await this.#acknowledgement(attempt);
      isHeard ||= isAnswered;
      if (isAnswered && terminations === 0) return true;
      if (isHeard) continue;
      terminations += 1;
      const terminated = terminateMainThread().then(() => {
        terminations -= 1;
      });
      await Promise.race([terminated, this.#pause()]);
      isHeard = await this.#acknowledgement(attempt);
      if (isHeard && terminations === 0) return true;
    }
    return isHeard;
  }

  complete(code: string, cursor: number): Promise<Completion> {
    return this.#compiler.call("complete", this.#declarations, code, cursor);
  }

  /** Signature and documentation of what stands at the cursor. */
  inspect(code: string, cursor: number): Promise<string | null> {
    return this.#compiler.call("inspect", this.#declarations, code, cursor);
  }

  isComplete(code: string): Promise<Completeness> {
    return this.#compiler.call("isComplete", code);
  }

  /** Lets pending work end for a while, then resolves; false when the user's thread does not answer. */
  async finish(graceMs: number): Promise<boolean> {
    // No cell has run: nothing of the user's is pending, and his thread may still be warming up.
    if (this.#ranCell === 0) {
      await this.#compiler.close();
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#finished = () => resolve(true);
    const timer = setTimeout(() => resolve(false), graceMs + 500);
    this.#post({ type: "finish", graceMs });
    const answered = await promise;
    clearTimeout(timer);
    await this.#native.catchUp();
    await this.#compiler.close();
    return answered;
  }

  #end(cellId: number, outcome: Outcome): void {
    if (this.#running?.cellId === cellId) this.#running.end(outcome);
  }

  #post(message: ToUser): void {
    this.#user.postMessage(message);
  }

  #receive(message: FromUser): void {
    if (message.type === "output") {
      this.#native.readTo(message.native);
      this.#listeners.get(message.cellId)?.(message.output);
    } else if (message.type === "began") this.#began(message);
    else if (message.type === "done") {
      this.#end(message.cellId, message.outcome);
    } else if (message.type === "interrupted") {
      this.#acknowledged = message.attempt;
      this.#wake();
    } else if (message.type === "question") void this.#ask(message.cellId, message.question);
    else if (message.type === "heap") this.#oldSpace = oldSpaceOf(message.limit);
    else if (message.type === "finished") this.#finished();
    else if (message.type === "warm") this.#warming.resolve();
    else this.onSigint();
  }

  #began({ cellId, used, isNativeEmpty }: Extract<FromUser, { type: "began" }>): void {
    if (isNativeEmpty) this.#native.restart();
    if (this.#running?.cellId !== cellId) return;
    const tell = (inUse: number) => {
      if (this.#running?.cellId !== cellId) return;
      this.#full = outOfMemory(inUse, this.#oldSpace);
      void this.interrupt();
    };
    this.#endWatch = watchMemory({ began: used, oldSpace: this.#oldSpace, tell });
  }

  async #ask(cellId: number, question: Question): Promise<void> {
    const ask = this.#running?.cellId === cellId ? this.#running.ask : ended;
    const answer = await ask(question);
    this.#post({ type: "answer", id: question.id, answer });
  }

  async #acknowledgement(attempt: number): Promise<boolean> {
    await this.#pause(() => this.#acknowledged >= attempt);
    return this.#acknowledged >= attempt;
  }

  /** Until something is acknowledged, or patience ends. */
  async #pause(already: () => boolean = () => false): Promise<void> {
    if (already()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, patienceMs);
    await promise;
    clearTimeout(timer);
  }
}

function outOfMemory(used: number, limit: number): Outcome {
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  const evalue = `the cell was stopped: ${megabytes(used)} of memory are in use, and Node gives it ${megabytes(limit)} (NODE_OPTIONS=--max-old-space-size=… gives more)`;
  return {
    status: "error",
    interrupted: true,
    error: { ename: "OutOfMemory", evalue, traceback: [`OutOfMemory: ${evalue}`] },
  };
}
