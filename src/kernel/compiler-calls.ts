import type { CompilerCalls } from "./messages.js";

/** A question to the compiler where it is in a thread or a process of its own. */
export interface Call {
  readonly id: number;
  readonly method: keyof CompilerCalls;
  readonly args: readonly unknown[];
}

export type Answer = { id: number; value: unknown } | { id: number; error: string };

export function answerTo(compiler: CompilerCalls, { id, method, args }: Call): Answer {
  try {
    const call = compiler[method] as (...all: unknown[]) => unknown;
    return { id, value: call(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? String(error.stack) : String(error) };
  }
}
