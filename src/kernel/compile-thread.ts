import { enableCompileCache, flushCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import type { CompilerCalls } from "./messages.js";

/** Entry of the compiler's thread: answers calls in order, from the moment TypeScript is loaded. */
enableCompileCache();
const { createCompiler } = await import("./compile.js");
const compiler = createCompiler();

export interface Call {
  readonly id: number;
  readonly method: keyof CompilerCalls;
  readonly args: readonly unknown[];
}

export type Answer = { id: number; value: unknown } | { id: number; error: string };

parentPort!.on("message", ({ id, method, args }: Call) => {
  try {
    const call = compiler[method] as (...all: unknown[]) => unknown;
    parentPort!.postMessage({ id, value: call(...args) } satisfies Answer);
  } catch (error) {
    parentPort!.postMessage({
      id,
      error: error instanceof Error ? String(error.stack) : String(error),
    } satisfies Answer);
  }
});
flushCompileCache();
