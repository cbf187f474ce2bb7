import { AsyncLocalStorage } from "node:async_hooks";
import { StringDecoder } from "node:string_decoder";
import { type NotebookHook, notebookSymbol } from "./display.js";
import type { Output } from "./messages.js";

/** Where output of the user's code goes: to the cell that caused it, also when it comes after the cell has ended. */
export interface CellOutput {
  /** Runs code as part of a cell. */
  within<T>(cellId: number, code: () => T): T;
  /** Waits for what libraries asked the cell to wait for. */
  held(cellId: number): Promise<void>;
  /** The unpatched standard error, for what belongs to no cell. */
  raw(text: string): void;
}

/**
 * Takes over `process.stdout` and `process.stderr` and sets the notebook hook. Every write is handed on at once, so it
 * can be seen while the cell is still busy.
 */
export function captureOutput(emit: (cellId: number, output: Output) => void): CellOutput {
  const cells = new AsyncLocalStorage<number>();
  const holding = new Map<number, Set<Promise<unknown>>>();
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
    display: (data, { displayId } = {}) => emit(cell(), { type: "display", data, displayId: displayId ?? null }),
    update: (displayId, data) => emit(cell(), { type: "update", data, displayId }),
    clear: ({ wait = false } = {}) => emit(cell(), { type: "clear", wait }),
    hold(promise) {
      const held = holding.get(cell()) ?? new Set();
      holding.set(cell(), held.add(promise));
      const release = () => void held.delete(promise);
      promise.then(release, release);
    },
  };
  Reflect.set(globalThis, notebookSymbol, hook);

  return {
    within(cellId, code) {
      latest = cellId;
      return cells.run(cellId, code);
    },
    async held(cellId) {
      await Promise.allSettled(holding.get(cellId) ?? []);
      holding.delete(cellId);
    },
    raw,
  };
}

function isUtf8(encoding: unknown): boolean {
  return typeof encoding !== "string" || /^utf-?8$/i.test(encoding);
}

function toBytes(chunk: string | Uint8Array, encoding: unknown): Buffer {
  return typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk);
}
