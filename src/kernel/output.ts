import { AsyncLocalStorage } from "node:async_hooks";
import { setMaxListeners } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { type NotebookHook, notebookSymbol, sendable } from "./display.js";
import type { InputAnswer, Output, Question } from "./messages.js";

/** Where output of the user's code goes: to the cell that caused it, also when it comes after the cell has ended. */
export interface CellOutput {
  /** Runs code as part of a cell. */
  within<T>(cellId: number, code: () => T): T;
  /** Waits for what libraries asked the cell to wait for. */
  held(cellId: number): Promise<void>;
  /** The cell has ended in order: it can no longer be interrupted. */
  end(cellId: number): void;
  /** Tells what the cell began, and begins yet, that it was interrupted. */
  abort(cellId: number): void;
  /** Hands on what was answered to a question of a cell. */
  answer(id: number, answer: InputAnswer): void;
  /** The unpatched standard error, for what belongs to no cell. */
  raw(text: string): void;
}

/**
 * Takes over `process.stdout` and `process.stderr` and sets the notebook hook. Every write is handed on at once, so it
 * can be seen while the cell is still busy.
 */
export function captureOutput(
  emit: (cellId: number, output: Output) => void,
  ask: (cellId: number, question: Question) => void,
): CellOutput {
  const cells = new AsyncLocalStorage<number>();
  const holding = new Map<number, Set<Promise<unknown>>>();
  /** Of the running cell alone, the only one that can be interrupted. */
  let running: { cellId: number; controller: AbortController } | null = null;
  /** What is left of these cells may go on, and ask for more: that is told at once. */
  const interrupted = new Set<number>();
  const questions = new Map<number, PromiseWithResolvers<string>>();
  let asked = 0;
  const raw = process.stderr.write.bind(process.stderr);
  let latest = 0;
  const cell = () => cells.getStore() ?? latest;

  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const bytes = typeof chunk === "string" && isUtf8(encoding) ? null : toBytes(chunk, encoding);
      const text = bytes === null ? (chunk as string) : decoder.write(bytes);
      if (latest === 0) raw(text);
      else if (text !== "") emit(cell(), { type: "stream", name, text });
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") process.nextTick(done as () => void);
      return true;
    };
    process[name].write = write;
  }

  const hook: NotebookHook = {
    display: (data, { displayId } = {}) =>
      emit(cell(), { type: "display", data: sendable(data), displayId: displayId ?? null }),
    update: (displayId, data) => emit(cell(), { type: "update", data: sendable(data), displayId }),
    clear: ({ wait = false } = {}) => emit(cell(), { type: "clear", wait }),
    hold(promise) {
      const id = cell();
      const held = holding.get(id) ?? new Set();
      holding.set(id, held.add(promise));
      const release = () => {
        held.delete(promise);
        if (held.size === 0 && holding.get(id) === held) holding.delete(id);
      };
      promise.then(release, release);
    },
    input(prompt = "", { password = false } = {}) {
      asked += 1;
      const question = { id: asked, prompt: String(prompt), password };
      const waiting = Promise.withResolvers<string>();
      questions.set(question.id, waiting);
      ask(cell(), question);
      return waiting.promise;
    },
    get signal() {
      const id = cell();
      if (interrupted.has(id)) return AbortSignal.abort(interruption());
      // A cell that has ended is never interrupted: nothing needs to be kept for it.
      return running?.cellId === id ? running.controller.signal : newController().signal;
    },
  };
  Reflect.set(globalThis, notebookSymbol, hook);
  Reflect.set(globalThis, "input", hook.input);

  return {
    within(cellId, code) {
      latest = cellId;
      running = { cellId, controller: newController() };
      return cells.run(cellId, code);
    },
    async held(cellId) {
      await Promise.allSettled(holding.get(cellId) ?? []);
      holding.delete(cellId);
    },
    end(cellId) {
      if (running?.cellId === cellId) running = null;
    },
    abort(cellId) {
      // Questions of a cell that has ended are answered by nobody; the front thread forgets them likewise.
      questions.clear();
      holding.delete(cellId);
      interrupted.add(cellId);
      if (running?.cellId !== cellId) return;
      const { controller } = running;
      running = null;
      controller.abort(interruption());
    },
    answer(id, answer) {
      const waiting = questions.get(id);
      questions.delete(id);
      if ("value" in answer) waiting?.resolve(answer.value);
      else waiting?.reject(new Error(answer.refused));
    },
    raw,
  };
}

const interruption = () => new Error("the cell was interrupted");

function newController(): AbortController {
  const controller = new AbortController();
  // A request each: Node's warning about many listeners is for leaks, and these go with what they wait for.
  setMaxListeners(0, controller.signal);
  return controller;
}

function isUtf8(encoding: unknown): boolean {
  return typeof encoding !== "string" || /^utf-?8$/i.test(encoding);
}

function toBytes(chunk: string | Uint8Array, encoding: unknown): Buffer {
  return typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk);
}
